/** What the page of people says, in both languages. */
export const en = {
  "page.people": "People",
  "people.title": "People",
  "people.choose": "Choose somebody on the left.",
  "people.none": "Nobody here",
  "people.none.next": "An admin makes users, and registers the couriers' phones.",
  "people.gone": "There is no such user in the fleet.",
  "people.filter.all": "All",
  "people.filter.courier": "Couriers",
  "people.filter.manager": "Managers",
  "people.filter.admin": "Admins",
  "people.row.phones": "Phones: {n}",

  "people.new": "New user",
  "people.new.under": "Couriers sign in to the phone app, managers and admins to this console.",
  "people.new.do": "Make the user",
  "people.user": "User",
  "people.user.hint":
    "To sign in with. Lower-case letters, digits, dots, dashes and underscores; it stays as it is.",
  "people.user.wrong": "Enter lower-case letters, digits, dots, dashes and underscores, 48 at most.",
  "people.user.taken": "There is a user of this name. Choose another one.",
  "people.name": "Name",
  "people.name.hint": "As people write it. Without it, the user.",
  "people.role": "Role",
  "people.tags": "Tags",
  "people.tags.none": "None",
  "people.tags.hint": "What tasks may ask of a courier, such as bike, cold-chain. Between commas or spaces.",
  "people.tags.wrong":
    "Enter at most 16 tags, each of lower-case letters, digits, dots, dashes and underscores, 32 at most.",
  "people.password": "Password",
  "people.password.hint": "At least 10 characters. You see it once more when the user is made.",
  "people.password.another": "Another one",
  "people.password.short": "Enter at least 10 characters.",
  "people.password.once":
    "Give the password to its user now: it is shown this once, and cannot be read again.",
  "people.password.use": "Nobody but the user should have it.",

  "people.phones": "Phones",
  "people.phones.none": "No phone is registered. Give it a name to make its key.",
  "people.phones.admin": "Admins register phones and see them.",
  "people.phone.add": "Register",
  "people.phone.name": "Register a phone",
  "people.phone.name.hint": "How you tell it from others, such as “Mei's Pixel”.",
  "people.phone.name.wrong": "Enter a name for the phone.",
  "people.phone.since": "Since {at}",
  "people.phone.renew": "New key",
  "people.phone.renew.sure":
    "{name} gets a new key, and the old one ends: the phone uploads nothing until it is set up again.",
  "people.phone.remove": "Revoke",
  "people.phone.remove.sure": "{name} can upload nothing any more. What it has uploaded stays.",
  "people.phone.removed": "{name} can upload nothing any more.",

  "people.setup": "Set up",
  "people.setup.secret":
    "The code and the address are this phone's key: who has them can send positions as this courier. Show them to nobody else.",
  "people.setup.show": "Show code and address",
  "people.setup.hide": "Hide code and address",
  "people.setup.always":
    "Whatever the app: let it use the location always, not only while it is open, and take it out of battery saving.",
  "people.apps": "Tracking app",
  "people.address": "Address",
  "people.qr": "QR code that sets up {app}",
  "people.key": "Key",
  "people.key.gone":
    "The key was shown when the phone was registered, and is kept nowhere. Enter it if you have it; otherwise give the phone a new key.",
  "people.key.hint": "It begins with dk_ and is a part of the phone's address.",
  "people.key.empty": "Enter the key, or give the phone a new one.",
  "people.key.wrong": "This is not the key of this phone.",

  "setup.traccar":
    "Android and iOS. In Traccar Client open Settings, the button with the QR code, and scan. Location accuracy: highest; distance: 0; interval: 10; offline buffering: on. Version 8 scans nothing: type the address as Server URL.",
  "setup.owntracks":
    "Android and iOS. Scan with the phone's camera, open the link and import. Monitoring must be on “move”; authentication and encryption stay off.",
  "setup.overland":
    "iOS. Scan with the phone's camera and open the link. Send interval: 10 s; logging mode: all data; access token: empty.",
  "setup.gpslogger":
    "Android. Logging details, log to custom URL: scan or type the address as URL. HTTP method: GET; discard offline locations: off. Turn on logging to CSV as well.",
  "setup.background-geolocation":
    "For an app of your own: the address is its url, with method POST, batchSync and maxDaysToPersist 30.",
} as const

export const zh: Record<keyof typeof en, string> = {
  "page.people": "人员",
  "people.title": "人员",
  "people.choose": "请在左侧选择一人。",
  "people.none": "这里没有人",
  "people.none.next": "用户由管理员创建，骑手的手机也由管理员登记。",
  "people.gone": "车队中没有这个用户。",
  "people.filter.all": "全部",
  "people.filter.courier": "骑手",
  "people.filter.manager": "经理",
  "people.filter.admin": "管理员",
  "people.row.phones": "手机：{n}",

  "people.new": "新建用户",
  "people.new.under": "骑手登录手机应用，经理和管理员登录此控制台。",
  "people.new.do": "创建用户",
  "people.user": "用户名",
  "people.user.hint": "用于登录。可用小写字母、数字、点、短横线和下划线；之后不可更改。",
  "people.user.wrong": "请输入小写字母、数字、点、短横线和下划线，最多 48 个字符。",
  "people.user.taken": "已有同名的用户，请换一个。",
  "people.name": "姓名",
  "people.name.hint": "平常的写法；不填则与用户名相同。",
  "people.role": "角色",
  "people.tags": "标签",
  "people.tags.none": "无",
  "people.tags.hint": "任务可能对骑手提出的要求，例如 bike、cold-chain；以逗号或空格分隔。",
  "people.tags.wrong": "最多 16 个标签，每个由小写字母、数字、点、短横线和下划线组成，最多 32 个字符。",
  "people.password": "密码",
  "people.password.hint": "至少 10 个字符。创建用户后会再显示一次。",
  "people.password.another": "换一个",
  "people.password.short": "请至少输入 10 个字符。",
  "people.password.once": "请立即把密码交给该用户：它只显示这一次，之后无法再查看。",
  "people.password.use": "除该用户外，不应有人知道。",

  "people.phones": "手机",
  "people.phones.none": "尚未登记手机。输入名称即可生成密钥。",
  "people.phones.admin": "手机由管理员登记和查看。",
  "people.phone.add": "登记",
  "people.phone.name": "登记手机",
  "people.phone.name.hint": "便于与其他手机区分，例如“小梅的 Pixel”。",
  "people.phone.name.wrong": "请输入手机的名称。",
  "people.phone.since": "登记于 {at}",
  "people.phone.renew": "更换密钥",
  "people.phone.renew.sure": "{name} 将获得新密钥，旧密钥失效：重新设置之前，该手机无法上传。",
  "people.phone.remove": "注销",
  "people.phone.remove.sure": "{name} 将无法再上传。已上传的内容会保留。",
  "people.phone.removed": "{name} 已无法再上传。",

  "people.setup": "设置方法",
  "people.setup.secret": "二维码和地址就是这部手机的密钥：得到它的人可以冒充该骑手发送位置。请勿给他人看。",
  "people.setup.show": "显示二维码和地址",
  "people.setup.hide": "隐藏二维码和地址",
  "people.setup.always": "无论哪个应用：请始终允许使用定位（不仅在打开应用时），并将其移出省电模式。",
  "people.apps": "定位应用",
  "people.address": "地址",
  "people.qr": "用于设置 {app} 的二维码",
  "people.key": "密钥",
  "people.key.gone": "密钥只在登记手机时显示过，系统并不保存。如果您有密钥，请输入；否则请为手机更换密钥。",
  "people.key.hint": "以 dk_ 开头，是手机地址的一部分。",
  "people.key.empty": "请输入密钥，或为手机更换密钥。",
  "people.key.wrong": "这不是这部手机的密钥。",

  "setup.traccar":
    "Android 和 iOS。在 Traccar Client 中打开设置，点二维码按钮并扫描。定位精度：最高；距离：0；间隔：10；离线缓存：开启。第 8 版不能扫描：请把地址填入 Server URL。",
  "setup.owntracks":
    "Android 和 iOS。用手机相机扫描，打开链接并导入。监控模式须为 move；认证和加密保持关闭。",
  "setup.overland": "iOS。用手机相机扫描并打开链接。发送间隔：10 秒；记录模式：全部数据；访问令牌：留空。",
  "setup.gpslogger":
    "Android。在“记录详情”中选择记录到自定义 URL：扫描或输入地址。HTTP 方法：GET；丢弃离线位置：关闭。请同时开启 CSV 记录。",
  "setup.background-geolocation":
    "用于自有应用：地址填入 url，并设 method 为 POST、batchSync 为 true、maxDaysToPersist 为 30。",
}
