"""A list as it leaves: the words of the page's table, column by column, nothing that is a button or another table."""

from blueprints.exporting import table

PAGE = """<table class="list" id="other"><tbody><tr><td>aside</td></tr></tbody></table>
<table data-list class="list" id="table"><caption>people</caption><thead><tr><th>Who</th><th><a>Why<svg><title>up</title></svg></a></th><th>Do</th></tr></thead>
<tbody><tr><td class="main"><a href="#">Zhou&nbsp;*</a> <b>family</b><br><span class="muted" data-file="Yard">Yanbei <i>new</i></span></td>
<td><span>old</span><span>alone</span><br>ill &lt;5</td><td><form><button>go</button><input value="x"></form><div class="no-print">click</div></td></tr>
<tr><td>Ma *</td><td>—</td><td><details><summary>more</summary>hidden</details></td></tr></tbody>
<tfoot><tr><td>sum</td></tr></tfoot></table>"""


def test_words_stand_by_column_and_what_is_for_the_hand_stays() -> None:
    head, rows = table(PAGE)
    assert head == ["Who", "Yard", "Why"]
    assert rows == [["Zhou * family", "Yanbei new", "old alone · ill <5"], ["Ma *", "", "—"]]


def test_several_tables_of_one_list_are_one_file() -> None:
    head, rows = table(PAGE + PAGE.replace("Zhou", "Li"))
    assert (len(rows), rows[2][0], head[0]) == (4, "Li * family", "Who")


def test_a_page_without_rows_gives_a_head_or_nothing() -> None:
    assert table("<p>nothing yet</p>") == ([], [])
    assert table("<table data-list><thead><tr><th>Who</th></tr></thead><tbody></tbody></table>") == (["Who"], [])
