"""Lets in whoever says so, and counts how often it was asked."""

asked = 0


def handler(event, context):
    global asked  # noqa: PLW0603 (a warm worker's memory)
    asked += 1
    match event["identitySource"][0]:
        case "raise":
            raise ValueError("asked to")
        case "odd":
            return {"allowed": True}
        case said:
            return {"isAuthorized": said != "no", "context": {"asked": asked, "route": event["routeArn"]}}
