"""The bank's websockets."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, WebSocket, WebSocketDisconnect
from fastapi.requests import HTTPConnection

router = APIRouter()
vault: dict[str, int] | None = None


def open_vault() -> None:
    """Fill the vault."""
    global vault  # noqa: PLW0603 - what real applications do
    vault = {"gold": 3}


def close_vault() -> None:
    """Leave nothing behind."""
    global vault  # noqa: PLW0603 - what real applications do
    vault = None


def known_rates(connection: HTTPConnection) -> dict[str, float]:
    """Return the rates that were loaded at startup."""
    return connection.app.state.rates


@router.websocket("/rates/{currency}")
async def rates(
    websocket: WebSocket, currency: str, known: Annotated[dict, Depends(known_rates)]
) -> None:
    """Send one rate."""
    await websocket.accept()
    await websocket.send_json({currency: known[currency]})
    await websocket.close()


@router.websocket("/gold")
async def gold(websocket: WebSocket) -> None:
    """Send what is in the vault."""
    await websocket.accept()
    await websocket.send_json(vault.get("gold"))
    await websocket.close()


@router.websocket("/motto")
async def motto(websocket: WebSocket) -> None:
    """Send the motto, if there is one."""
    await websocket.accept()
    await websocket.send_text(getattr(websocket.state, "motto", "none"))
    await websocket.close()


@router.websocket("/hours")
async def hours(websocket: WebSocket) -> None:
    """Send what needs no startup; rates to who asks for them."""
    await websocket.accept()
    await websocket.send_text("9 to 5")
    async for question in websocket.iter_text():
        await websocket.send_json(websocket.app.state.rates.get(question))


@router.websocket("/desk")
async def desk(websocket: WebSocket) -> None:
    """Answer one question."""
    await websocket.accept()
    try:
        await websocket.send_text("which currency?")
        currency = await websocket.receive_text()
        await websocket.send_json(websocket.app.state.rates[currency])
        await websocket.close()
    except WebSocketDisconnect:
        return


@router.get("/rates")
async def all_rates(request: Request) -> dict[str, float]:
    """Return the rates."""
    return request.app.state.rates
