"""Why a request is refused."""


class RequestError(Exception):
    """A request that gets no answer but an error: `Response.error` holds the text.

    Args:
        text: what was asked for and why it is not served.
    """


class TypedError(Exception):
    """A request refused by the error enum of its own response, such as ResponseCreateGame.Error.

    Attributes:
        value: number in that enum.
        details: for the field error_details.
    """

    def __init__(self, value: int, details: str):
        super().__init__(details)
        self.value = value
        self.details = details
