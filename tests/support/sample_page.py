"""A report page with every part that a page can have, and names that try to break it."""

import math
from dataclasses import replace

from gep.io.page_content import (
    Headline,
    PageCell,
    PageChart,
    PageColumn,
    PageExplanation,
    PageSection,
    PageTable,
    ReportPage,
)
from gep.io.toml_documents import Title

HOSTILE = (
    "<script>alert(1)</script>",
    'a "quoted" & </table> name',
    "$x^{$",
    "[/]",
    "</script><!-- <b>",
    "back\x07 and \u202eturned",
    "line\u2028end",
    "'><img src=x onerror=alert(1)>",
)
VISIBLE = {
    "back\x07 and \u202eturned": "back\\x07 and \\u202eturned",
    "line\u2028end": "line\\u2028end",
}
COUNTY = [Title(zh=f"第{number}县", en=f"County {number}") for number in range(1, 101)]
KINDS = (
    Title(zh="平原", en="plain"),
    Title(zh="丘陵", en="hills"),
    Title(zh="山地", en="mountains"),
)
UNIT = Title(zh="万元", en="10^4 CNY")
PARTS = (
    Title(zh="物质产品", en="provisioning services"),
    Title(zh="调节服务", en="regulating services"),
    Title(zh="文化服务", en="cultural services"),
)
EFFECTS = (
    Title(zh="面积变化（耕地转为建设用地）", en="area (cropland turned into built-up land)"),
    Title(zh="单产", en="yield"),
    Title(zh="价格", en="prices"),
    Title(zh="未能解释", en="not explained"),
)


def value_of(number: int) -> float:
    return 1000 * (number * 37 % 101) + number / 7


def county_table() -> PageTable:
    rows = []
    for number, name in enumerate(COUNTY):
        is_known = number != 41
        value = value_of(number) if is_known else None
        key = f"county:{number}" if is_known else ""
        share = number / 100
        rows.append(
            [
                PageCell(name),
                PageCell(KINDS[number % 3]),
                PageCell(f"{value:,.2f}" if value is not None else "", value, key),
                PageCell(f"{share:.2f}", share),
            ]
        )
    columns = [
        PageColumn("region", Title(zh="县", en="county")),
        PageColumn("kind", Title(zh="地形", en="terrain"), is_filter=True),
        PageColumn("value", Title(zh="生态产品总值", en="gross ecosystem product"), is_number=True),
        PageColumn("share", Title(zh="占比", en="share"), is_number=True),
    ]
    return PageTable(
        "counties",
        Title(zh="各县核算结果", en="Results by county"),
        columns,
        rows,
        "summary.csv",
        UNIT,
    )


def wide_table() -> PageTable:
    columns = [PageColumn("region", Title(zh="县", en="county"))]
    columns += [
        PageColumn(f"c{n}", Title(zh=f"科目{n}名称", en=f"indicator {n}"), is_number=True)
        for n in range(12)
    ]
    rows = []
    for number in range(6):
        cells = [PageCell(f"{value_of(number + n):,.2f}", value_of(number + n)) for n in range(12)]
        rows.append([PageCell(COUNTY[number]), *cells])
    return PageTable("wide", Title(zh="宽表", en="A wide table"), columns, rows, "wide.csv", UNIT)


def hostile_table() -> PageTable:
    columns = [
        PageColumn("name", HOSTILE[0], is_filter=True),
        PageColumn("v", HOSTILE[1], is_number=True),
    ]
    rows = [
        [PageCell(name), PageCell(str(n), float(n), "hostile")]
        for n, name in enumerate(HOSTILE * 2)
    ]
    return PageTable("hostile", HOSTILE[4], columns, rows, "a&b.csv")


def hexagon(column: int, row: int) -> list[list[list[float]]]:
    x = column * math.sqrt(3) + (row % 2) * math.sqrt(3) / 2
    y = row * 1.5
    corners = [math.radians(60 * corner + 30) for corner in range(6)]
    return [[[x + math.cos(angle), y + math.sin(angle)] for angle in corners]]


def shapes() -> list[dict[str, object]]:
    listed: list[dict[str, object]] = []
    for number, name in enumerate(COUNTY):
        value = value_of(number) if number != 41 else None
        shape = {
            "id": str(number),
            "name": name,
            "path": hexagon(number % 12, number // 12),
            "value": value,
        }
        listed.append(shape | {"opens": f"county:{number}" if value is not None else ""})
    return listed


def charts() -> list[PageChart]:
    title = Title(
        zh="各县生态产品总值（示意图）", en="Gross ecosystem product by county (schematic map)"
    )
    classes = [20000.0, 40000.0, 60000.0, 80000.0]
    map_data = {"shapes": shapes(), "unit": UNIT, "classes": classes, "diverging": False}
    bars = [
        {
            "name": name,
            "value": value_of(n + 3),
            "low": value_of(n + 3) * 0.8,
            "high": value_of(n + 3) * 1.3,
            "opens": f"county:{n}",
        }
        for n, name in enumerate((*PARTS, *EFFECTS))
    ]
    bars[3]["value"] = -20000.0
    bars[3] |= {"low": -30000.0, "high": -8000.0}
    parts = [
        {
            "name": name,
            "values": [value_of(n + 5), value_of(n + 9), value_of(n + 11)],
            "opens": ["county:1", "", "county:2"],
        }
        for n, name in enumerate(PARTS)
    ]
    steps = [
        {"name": name, "value": value, "opens": "county:1"}
        for name, value in zip(EFFECTS, (-2500.5, 8100.0, 1900.25, 0.0), strict=True)
    ]
    water = {
        "start": {"name": "2015", "value": 151_000.0, "opens": "county:1"},
        "effects": steps,
        "end": {"name": "2020", "value": 158_499.75, "opens": "county:2"},
        "unit": UNIT,
    }
    rows = [
        {
            "name": name,
            "value": float(n + 1),
            "low": max(1.0, n - 1.0),
            "high": n + 3.0,
            "opens": f"county:{n}",
        }
        for n, name in enumerate(COUNTY[:12])
    ]
    years = [2010, 2015, 2016, 2020]
    series = [
        {
            "name": name,
            "values": [100.0 + n, 120.0 + n * 3, None if n == 1 else 121.0, 150.0 - n * 2],
        }
        for n, name in enumerate((*PARTS, HOSTILE[0]))
    ]
    kinds = [
        Title(zh="耕地", en="cropland"),
        Title(zh="林地", en="forest"),
        Title(zh="草地", en="grassland"),
    ]
    kinds += [
        Title(zh="水域及湿地", en="water and wetland"),
        Title(zh="建设用地", en="built-up land"),
    ]
    flows = [
        {"from": a, "to": b, "value": float((a + 1) * (b + 2) * 31.5), "opens": "county:3"}
        for a in range(5)
        for b in range(5)
        if a != b and (a + b) % 4
    ]
    return [
        PageChart(
            "map",
            "map",
            title,
            map_data,
            Title(zh="未经审核，仅供内部使用。", en="Unreviewed, internal use only."),
        ),
        PageChart(
            "bars", "bars", Title(zh="各科目", en="Indicators"), {"bars": bars, "unit": UNIT}
        ),
        PageChart(
            "stacks",
            "stacks",
            Title(zh="构成", en="Composition"),
            {"columns": ["2010", "2015", HOSTILE[1]], "parts": parts, "unit": UNIT},
        ),
        PageChart("waterfall", "waterfall", Title(zh="变化原因", en="Why it changed"), water),
        PageChart(
            "ranks",
            "intervals",
            Title(zh="排名", en="Ranks"),
            {"rows": rows, "unit": Title(zh="名次", en="rank")},
        ),
        PageChart(
            "lines",
            "lines",
            Title(zh="逐年", en="By year"),
            {"years": years, "series": series, "unit": UNIT},
        ),
        PageChart(
            "flows",
            "flows",
            Title(zh="土地转移", en="Land transitions"),
            {"from": kinds, "to": kinds, "flows": flows, "unit": "km²"},
        ),
    ]


def explanations() -> dict[str, PageExplanation]:
    prepared = {}
    for number, name in enumerate(COUNTY):
        columns = [
            PageColumn("part", Title(zh="部分", en="part")),
            PageColumn("v", Title(zh="值", en="value"), is_number=True),
        ]
        rows = [[PageCell(part), PageCell("1.50", 1.5, f"row:{n}")] for n, part in enumerate(PARTS)]
        table = PageTable("parts", Title(zh="各部分", en="Parts"), columns, rows, unit=UNIT)
        heading = Title(zh=f"{name.zh} 的来历", en=f"How {name.en} came about")
        prepared[f"county:{number}"] = PageExplanation(heading, ["1.5 + 1.5 + 1.5 = 4.5"], [table])
    for number, part in enumerate(PARTS):
        columns = [
            PageColumn("source", Title(zh="来源", en="source")),
            PageColumn("v", Title(zh="值", en="value"), is_number=True),
        ]
        table = PageTable(
            "rows",
            Title(zh="参数", en="Coefficient rows"),
            columns,
            [[PageCell(HOSTILE[number]), PageCell("0.5", 0.5)]],
        )
        prepared[f"row:{number}"] = PageExplanation(part, ["0.5 × 3 = 1.5"], [table])
    prepared["hostile"] = PageExplanation(HOSTILE[0], list(HOSTILE), [hostile_table()])
    return prepared


def sample_page() -> ReportPage:
    headlines = [
        Headline(
            Title(zh="生态产品总值", en="Gross ecosystem product"),
            PageCell("5,012,345.67", 5012345.67, "county:1"),
            UNIT,
            [
                Title(zh="95 % 区间 4,100,000–6,000,000", en="95 % interval 4,100,000–6,000,000"),
                "A",
            ],
        ),
        Headline(
            Title(zh="单位面积", en="Per area"),
            PageCell("1,234.50", 1234.5),
            Title(zh="万元/km²", en="10^4 CNY/km²"),
        ),
        Headline(HOSTILE[0], PageCell("1", 1.0, "hostile"), "$x^{$", HOSTILE),
    ]
    hostile_map = PageChart(
        "hostile-bars",
        "bars",
        HOSTILE[0],
        {
            "bars": [
                {"name": name, "value": 1.0 + n, "opens": "hostile"}
                for n, name in enumerate(HOSTILE)
            ],
            "unit": "x",
        },
        HOSTILE[1],
    )
    sections = [
        PageSection(
            "results",
            Title(zh="结果", en="Results"),
            [Title(zh="按县列出。", en="By county.")],
            charts(),
            [county_table(), wide_table()],
        ),
        PageSection("names", HOSTILE[0], HOSTILE, [hostile_map], [hostile_table()]),
    ]
    caption = [Title(zh="示例报告，仅供测试。", en="A sample report, for tests only."), *HOSTILE]
    return ReportPage(
        Title(zh="示例县生态产品总值核算报告", en="Gross ecosystem product of the sample counties"),
        "zh",
        caption,
        headlines,
        sections,
        explanations(),
        footer=[*HOSTILE, "gep"],
    )


def quiet_page() -> ReportPage:
    """The same without the names that try to break it, to look at."""
    page = sample_page()
    caption = [
        page.caption[0],
        Title(
            zh="规范 DB36/T 1402-2021，价格年份 2020。",
            en="Standard DB36/T 1402-2021, prices of 2020.",
        ),
    ]
    return replace(
        page,
        caption=caption,
        headlines=page.headlines[:2],
        sections=page.sections[:1],
        footer=["gep"],
    )
