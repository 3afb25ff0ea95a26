"""Says what the authorizer told."""


def handler(event, context):
    return event["requestContext"]["authorizer"]["lambda"]
