/** What the routes say, in both languages. Points and stops are counted from 1. */
export const en = {
  "page.routes": "Routes",
  "routes.title": "Routes",
  "routes.published": "Published",
  "routes.drafts": "Drafts",
  "routes.retired": "Retired",
  "routes.none.title": "No route here",
  "routes.none.next": "An admin draws a route or imports a file, looks at the draft, and publishes it.",
  "routes.import": "Import",
  "routes.draw": "Draw",
  "routes.row.draft": "by {by}, {when}",
  "routes.row.broken": "no route yet",
  "routes.version": "version {n}",
  "routes.state.published": "Published",
  "routes.state.retired": "Retired",
  "routes.state.draft": "Draft",

  "routes.length": "Length",
  "routes.zone": "Time zone",
  "routes.retiredat": "Retired",
  "routes.points": "Points",
  "routes.points.kept": "{drawn} drawn, {kept} needed for the shape",
  "routes.stops": "Stops",
  "routes.stops.none": "No stops. Progress is told by the distance along the line.",
  "routes.stop": "Stop",
  "routes.number": "No.",
  "routes.along": "Along",
  "routes.radius": "Radius",
  "routes.hours": "Open",
  "routes.hours.always": "always",
  "routes.hours.range": "{opens} to {closes}",
  "routes.arrives": "After the start",
  "routes.offline": "not on the line",

  "routes.change": "Change it",
  "routes.retire": "Retire this version",
  "routes.retire.all": "Retire all versions",
  "routes.retire.sure":
    "No new task can be made on {route}. Tasks and trips that are there go on. This cannot be taken back; publishing makes a new version.",
  "routes.retire.all.sure":
    "No new task can be made on any version of {route}. Tasks and trips that are there go on. This cannot be taken back; publishing makes a new version.",
  "routes.retired.told": "{route} takes no new tasks now.",

  "routes.changed": "Changed",
  "routes.changed.by": "{when} by {by}, revision {revision}",
  "routes.duration": "Expected time",
  "routes.duration.pace": "{time} at {speed} and {dwell} at each stop",
  "routes.starts": "Starts that meet all hours",
  "routes.starts.none": "none",
  "routes.starts.range": "{first} to {last}",
  "routes.starts.any": "any time",
  "routes.edit": "Edit",
  "routes.replace": "Import a file into it",
  "routes.publish": "Publish",
  "routes.publish.sure":
    "The draft becomes the next version of {route}, which never changes; new tasks can be made on it.",
  "routes.publish.blocked": "Cannot be published yet: {n} to be mended, marked in red below.",
  "routes.published.told": "{route} is published.",
  "routes.discard": "Throw away",
  "routes.discard.sure": "The draft of {route}, revision {revision}, is gone then. Published versions stay.",
  "routes.discarded.told": "The draft of {route} is thrown away.",

  "routes.findings": "To be known before publishing",
  "routes.findings.none": "Nothing is odd about this line.",
  "routes.blocks": "Blocks publishing",

  "routes.finding.no-route": "This line can be no route",
  "routes.finding.no-route.leg":
    "Points {a} and {b} are {distance} apart, more than a road is: mend the wrong one, or draw what is between.",
  "routes.finding.no-route.few": "It needs at least two points at different places.",
  "routes.finding.stop-refused": "A stop does not fit",
  "routes.finding.stop-refused.off":
    "Stop {n}, {name}, is {distance} from the line, beyond its radius of {radius}: move it, or draw the line past it.",
  "routes.finding.stop-refused.order":
    "Stop {n}, {name}, is not passed in this order. Stops are in the order of their visits; the line passes them as {order}.",
  "routes.finding.overlap": "Runs beside itself",
  "routes.finding.overlap.text":
    "{share} of the route is close to another part of it (stretches: {n}). Progress is less sure there: see that it is meant.",
  "routes.finding.sharp-turn": "Sharp turn",
  "routes.finding.sharp-turn.text":
    "The line turns by {degrees}° at {along}: a way back, or a point out of place.",
  "routes.finding.long-gap": "Long gap",
  "routes.finding.long-gap.text":
    "Points {a} and {b} are {distance} apart: a straight road, or draw what is between.",
  "routes.finding.ends-near-start": "Ends at its start",
  "routes.finding.ends-near-start.text":
    "Start and end are {distance} apart: whoever is there is at both. See that it is meant.",
  "routes.finding.hours-unmet": "Hours cannot be met",
  "routes.finding.hours-unmet.text":
    "Stop {n}, {name}, is open from {opens} to {closes}. Whoever is in time for those before it comes at another time, whenever they start: change hours or order, or make two routes.",
  "routes.finding.other": "To be known",

  "routes.map.label":
    "Map of the route. Arrow keys move it, plus and minus zoom; what is on it is listed beside it.",
  "routes.map.fit": "Show the whole route",
  "routes.map.plain": "This browser has no WebGL: the line is drawn without a map.",
  "routes.map.empty": "There is no line yet.",
  "routes.pin": "{n}: {what}",

  "routes.import.title": "Import a route",
  "routes.import.under": "A file with one line becomes a draft. Nothing is published yet.",
  "routes.import.over": "The file takes the place of {name}, revision {revision}, by {by}.",
  "routes.import.next": "The file becomes a draft of {route}. Published versions stay.",
  "routes.file": "File",
  "routes.file.drop": "Choose it, or drop it here: GeoJSON, GPX or KML, one line, 16 MB at most",
  "routes.file.none": "Choose a file first.",
  "routes.file.kind": "This is no GeoJSON, GPX or KML file by its name.",
  "routes.file.large":
    "This file is over 16 MB. Thin the recording out, or leave heights and times out of it.",
  "routes.id": "Id",
  "routes.id.hint": "In addresses and exports; stays with the route. Small letters, digits, dots and dashes.",
  "routes.id.wrong":
    "An id begins with a small letter or digit, then letters, digits, dots, dashes or underscores; 48 at most.",
  "routes.name": "Name",
  "routes.name.hint": "As people call it. Without it, what the file says, else the id.",
  "routes.datum": "Datum of the file",
  "routes.datum.wgs84": "What GPS receivers, OpenStreetMap and most of the world's tools use.",
  "routes.datum.gcj02":
    "What maps of Amap and Tencent use in mainland China, shifted by some hundred metres.",
  "routes.datum.bd09": "What Baidu's maps use, shifted once more.",
  "routes.zone.hint":
    "For the hours of stops, as Asia/Shanghai. Without it, what the file says; not needed where stops have no hours.",
  "routes.import.do": "Make the draft",

  "routes.overtaken":
    "Somebody was faster: the draft of {route} is at revision {revision} now. Yours is not saved. Look at theirs first, or put yours in its place.",
  "routes.overtaken.exists":
    "There is a draft of {route} already, at revision {revision}. Yours is not saved. Look at it first, or put yours in its place.",
  "routes.overtaken.gone":
    "The draft of {route} is there no more: it was published or thrown away. Yours is not saved; it can become a new draft.",
  "routes.overtaken.look": "Look at theirs",
  "routes.overtaken.put": "Put mine in its place",
  "routes.overtaken.new": "Make a new draft",
  "routes.stale":
    "Somebody has changed the draft of {route} meanwhile, so nothing was done. This is how it stands now.",
} as const

export const zh: Record<keyof typeof en, string> = {
  "page.routes": "路线",
  "routes.title": "路线",
  "routes.published": "已发布",
  "routes.drafts": "草稿",
  "routes.retired": "已停用",
  "routes.none.title": "这里没有路线",
  "routes.none.next": "由管理员绘制路线或导入文件，查看草稿后发布。",
  "routes.import": "导入",
  "routes.draw": "绘制",
  "routes.row.draft": "{by}，{when}",
  "routes.row.broken": "尚不能成为路线",
  "routes.version": "版本 {n}",
  "routes.state.published": "已发布",
  "routes.state.retired": "已停用",
  "routes.state.draft": "草稿",

  "routes.length": "长度",
  "routes.zone": "时区",
  "routes.retiredat": "停用时间",
  "routes.points": "点数",
  "routes.points.kept": "绘制 {drawn} 个，保持形状需要 {kept} 个",
  "routes.stops": "站点",
  "routes.stops.none": "没有站点。进度按沿线距离计算。",
  "routes.stop": "站点",
  "routes.number": "序号",
  "routes.along": "沿线位置",
  "routes.radius": "半径",
  "routes.hours": "开放时间",
  "routes.hours.always": "全天",
  "routes.hours.range": "{opens}–{closes}",
  "routes.arrives": "出发后",
  "routes.offline": "不在线上",

  "routes.change": "修改",
  "routes.retire": "停用此版本",
  "routes.retire.all": "停用全部版本",
  "routes.retire.sure":
    "停用后不能再用 {route} 创建新任务，已有的任务和行程照常进行。此操作不可撤销；再次发布会产生新版本。",
  "routes.retire.all.sure":
    "停用后不能再用 {route} 的任何版本创建新任务，已有的任务和行程照常进行。此操作不可撤销；再次发布会产生新版本。",
  "routes.retired.told": "{route} 不再接受新任务。",

  "routes.changed": "修改",
  "routes.changed.by": "{when}，{by}，修订 {revision}",
  "routes.duration": "预计用时",
  "routes.duration.pace": "{time}（按 {speed}、每站停留{dwell}计）",
  "routes.starts": "满足全部开放时间的出发时间",
  "routes.starts.none": "无",
  "routes.starts.range": "{first}–{last}",
  "routes.starts.any": "任意时间",
  "routes.edit": "编辑",
  "routes.replace": "导入文件替换",
  "routes.publish": "发布",
  "routes.publish.sure": "草稿将成为 {route} 的下一个版本，此后不再更改，并可用于创建新任务。",
  "routes.publish.blocked": "暂时不能发布：有 {n} 处需要修改，见下方红色标记。",
  "routes.published.told": "{route} 已发布。",
  "routes.discard": "丢弃草稿",
  "routes.discard.sure": "将丢弃 {route} 的草稿（修订 {revision}）。已发布的版本不受影响。",
  "routes.discarded.told": "{route} 的草稿已丢弃。",

  "routes.findings": "发布前须知",
  "routes.findings.none": "这条线没有异常。",
  "routes.blocks": "阻止发布",

  "routes.finding.no-route": "这条线不能成为路线",
  "routes.finding.no-route.leg":
    "第 {a} 点与第 {b} 点相距 {distance}，超出道路的可能：请改正错误的点，或补画中间的路段。",
  "routes.finding.no-route.few": "至少需要两个位置不同的点。",
  "routes.finding.stop-refused": "站点不符合路线",
  "routes.finding.stop-refused.off":
    "第 {n} 站“{name}”距路线 {distance}，超出其半径 {radius}：请移动站点，或让路线经过它。",
  "routes.finding.stop-refused.order":
    "路线不按此顺序经过第 {n} 站“{name}”。站点须按到访顺序排列；路线经过的顺序为 {order}。",
  "routes.finding.overlap": "与自身重叠",
  "routes.finding.overlap.text":
    "路线的 {share}（共 {n} 段）靠近自身的其他部分，这些路段上的进度不够确定：请确认是否有意如此。",
  "routes.finding.sharp-turn": "急转弯",
  "routes.finding.sharp-turn.text": "路线在 {along} 处转向 {degrees}°：是折返，还是有点画错了位置？",
  "routes.finding.long-gap": "间隔过长",
  "routes.finding.long-gap.text": "第 {a} 点与第 {b} 点相距 {distance}：是笔直的道路，还是需要补画？",
  "routes.finding.ends-near-start": "终点在起点处",
  "routes.finding.ends-near-start.text":
    "起点与终点相距 {distance}：位于此处的人既在起点也在终点，请确认是否有意如此。",
  "routes.finding.hours-unmet": "无法满足开放时间",
  "routes.finding.hours-unmet.text":
    "第 {n} 站“{name}”的开放时间为 {opens} 至 {closes}。能赶上前面各站的人，无论何时出发都无法在此时段到达：请修改时间或顺序，或拆成两条路线。",
  "routes.finding.other": "请留意",

  "routes.map.label": "路线地图。方向键移动，加减键缩放；图上的内容在旁边列出。",
  "routes.map.fit": "显示整条路线",
  "routes.map.plain": "此浏览器没有 WebGL：只绘制线路，不显示地图。",
  "routes.map.empty": "还没有线路。",
  "routes.pin": "{n}：{what}",

  "routes.import.title": "导入路线",
  "routes.import.under": "含有一条线的文件将成为草稿，不会立即发布。",
  "routes.import.over": "文件将替换“{name}”（修订 {revision}，{by}）。",
  "routes.import.next": "文件将成为 {route} 的草稿，已发布的版本不受影响。",
  "routes.file": "文件",
  "routes.file.drop": "选择文件，或拖放到此处：GeoJSON、GPX 或 KML，一条线，最大 16 MB",
  "routes.file.none": "请先选择文件。",
  "routes.file.kind": "从文件名看，这不是 GeoJSON、GPX 或 KML 文件。",
  "routes.file.large": "文件超过 16 MB。请精简轨迹，或去掉其中的高度和时间。",
  "routes.id": "编号",
  "routes.id.hint": "用于网址和导出，始终不变。小写字母、数字、点和连字符。",
  "routes.id.wrong": "编号以小写字母或数字开头，其后可用字母、数字、点、连字符或下划线，最多 48 个字符。",
  "routes.name": "名称",
  "routes.name.hint": "平时的叫法。不填则取文件中的名称，否则用编号。",
  "routes.datum": "文件的坐标系",
  "routes.datum.wgs84": "GPS 接收机、OpenStreetMap 及世界上多数工具所用。",
  "routes.datum.gcj02": "高德、腾讯地图在中国大陆所用，有数百米的偏移。",
  "routes.datum.bd09": "百度地图所用，在此基础上再次偏移。",
  "routes.zone.hint": "站点开放时间所用，如 Asia/Shanghai。不填则取文件中的时区；站点没有开放时间时不需要。",
  "routes.import.do": "生成草稿",

  "routes.overtaken":
    "有人先您一步：{route} 的草稿现为修订 {revision}，您的内容尚未保存。请先查看对方的内容，或用您的替换。",
  "routes.overtaken.exists":
    "{route} 已有草稿（修订 {revision}），您的内容尚未保存。请先查看，或用您的替换。",
  "routes.overtaken.gone": "{route} 的草稿已不存在：已被发布或丢弃。您的内容尚未保存，可以另存为新草稿。",
  "routes.overtaken.look": "查看对方的",
  "routes.overtaken.put": "用我的替换",
  "routes.overtaken.new": "生成新草稿",
  "routes.stale": "{route} 的草稿已被他人修改，因此没有执行操作。以下是现在的内容。",
}
