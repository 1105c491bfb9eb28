"""Wishes of 黄雁社区 in each state, so that the wall, the review and a claim can be seen."""

from rongjiu.actor import Actor, acting
from rongjiu.db import Tenant, tenant_scope
from tenants.wishes import service

WISHES = (
    ("家里老人出不了门，想要一把轮椅", "一位老人想要一把轮椅，好到院里晒太阳", "published"),
    ("孩子想学画画，没有画具", "一个孩子想要一套水彩画具", "published"),
    ("想请人教我用手机视频", "一位老人想学用手机和外地的孩子视频", "claimed"),
    ("冬天冷，想要一床厚被子", "一家人想要一床厚被子", "delivered"),
    ("想有人陪着去一次大雁塔", "一位老人想有人陪着去一次大雁塔", "thanked"),
    ("想给孙女找几本故事书", "", "submitted"),
)  # fmt: skip
THANKS = "那天走得慢，一路有人扶，谢谢"


def make(tenant: Tenant, actor: Actor, helper: service.Claimer) -> int:
    """Enter them and answer how many."""
    with tenant_scope(tenant), acting(actor):
        for words, text, state in WISHES:
            wish_id = service.submit(words).id
            if state == "submitted":
                continue
            service.publish(wish_id, text)
            if state == "published":
                continue
            service.claim(wish_id, helper)
            if state == "claimed":
                continue
            service.deliver(wish_id, helper.account_id)
            if state == "thanked":
                service.thank(wish_id, THANKS)
    return len(WISHES)
