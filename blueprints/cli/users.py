"""`flask users`: the first operator, who holds an account, and a lost authenticator."""

from uuid import UUID

import click
from flask import current_app, url_for
from flask.cli import AppGroup
from sqlalchemy import func, select

from rongjiu import audit, masks
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.identity import logins
from rongjiu.identity import service as identity
from rongjiu.identity.models import Account
from rongjiu.identity.queries import operator_stands
from rongjiu.tenancy import service
from rongjiu.tenancy.models import Community, Membership

group = AppGroup("users", help="Accounts.")


@group.command("invite-operator")
@click.option("--another", is_flag=True, help="Also when an operator exists already.")
def invite_operator(another: bool) -> None:
    """Print a one-time link, alive 72 hours, by which somebody becomes operator."""
    if operator_stands() and not another:
        raise click.ClickException(
            "已有平台运营,请由其邀请;确需再发一个请加 --another。"
            "An operator exists and can invite; add --another to make one more link."
        )
    token = service.invite("platform", None, "operator", post="平台运营")
    db.session.commit()
    root = current_app.config["SETTINGS"].public_url.rstrip("/")
    with current_app.test_request_context():
        path = url_for("account.invitation_link", token=token)
    click.echo(f"{root}{path}")
    click.echo("只能用一次,72 小时内有效。Works once, within 72 hours.", err=True)


@group.command("list")
def list_accounts() -> None:
    """Print each account: masked address, standing roles, second factor."""
    held = db.session.execute(
        select(Membership.account_id, func.string_agg(Membership.role, ", ").label("roles"))
        .where(Membership.ends_at.is_(None))
        .group_by(Membership.account_id)
    )
    roles = {row.account_id: row.roles for row in held}
    columns = (Account.id, Account.name, Account.phone, Account.email, Account.totp_confirmed_at, Account.disabled_at)
    for row in db.session.execute(select(*columns).order_by(Account.created_at)):
        address = masks.phone(row.phone) if row.phone else _email(row.email or "")
        factor = "2FA" if row.totp_confirmed_at else "-"
        state = " disabled" if row.disabled_at else ""
        click.echo(f"{row.name}\t{address}\t{factor}\t{roles.get(row.id, '-')}{state}")


@group.command("drop-second-factor")
@click.argument("address")
def drop_second_factor(address: str) -> None:
    """After the person was seen face to face: let the account of a phone or e-mail set up a new authenticator."""
    account = _account(address)
    account.totp_secret, account.totp_confirmed_at = None, None
    logins.end_sessions(account.id)
    audit.record("account.second_factor_dropped", "account", account.id)
    db.session.commit()
    click.echo("已清除。下次登录时重新设置。Dropped; it is set up anew at the next log-in.")


@group.command("end-sessions")
@click.argument("address", required=False, default="")
@click.option("--community", "slug", default="", help="Everybody who works in this community.")
def end_sessions(address: str, slug: str) -> None:
    """End all log-ins of one account, or of everybody in a community; they are dead at their next request."""
    ids = _members(slug) if slug else [_account(address).id]
    for account_id in ids:
        logins.end_sessions(account_id)
        audit.record("login.end_all", "account", account_id)
    db.session.commit()
    click.echo(f"{len(ids)}")


def _members(slug: str) -> list[UUID]:
    query = select(Membership.account_id).distinct().join(Community, Community.id == Membership.scope_id)
    return list(db.session.scalars(query.where(Membership.scope_kind == "community", Community.slug == slug)))


def _account(address: str) -> Account:
    try:
        account = identity.find_account(address)
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
    if account is None:
        raise click.ClickException("没有这个账号。No such account.")
    return account


def _email(text: str) -> str:
    name, _, host = text.partition("@")
    return f"{name[:1]}***@{host}" if host else ""
