"""A FastAPI shop: a basket is locked by the socket that shows it."""

import asyncio
from collections import defaultdict

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
watchers: defaultdict[str, list[WebSocket]] = defaultdict(list)


@app.websocket("/baskets/{basket}")
async def show_basket(websocket: WebSocket, basket: str) -> None:
    """Hold the basket until the shopper says that it is done."""
    await websocket.accept()
    async with locks[basket]:
        await websocket.send_json({"state": "locked"})
        await websocket.receive_text()
        await asyncio.sleep(0.3)  # the receipt is written
    await websocket.close()


@app.post("/baskets/{basket}/pay")
async def pay(basket: str) -> dict[str, str]:
    """Pay once nobody holds the basket any more."""
    async with locks[basket]:
        return {"paid": basket}


@app.websocket("/offers/{shelf}")
async def offers(websocket: WebSocket, shelf: str) -> None:
    """Listen to the offers of a shelf."""
    await websocket.accept()
    watchers[shelf].append(websocket)
    try:
        await websocket.receive_text()
    except WebSocketDisconnect:
        pass
    finally:
        watchers[shelf].remove(websocket)


@app.post("/offers/{shelf}")
async def announce(shelf: str, price: int) -> dict[str, int]:
    """Tell everybody who listens, before the answer is given."""
    for websocket in list(watchers[shelf]):
        await websocket.send_json({"price": price})
    return {"told": len(watchers[shelf])}


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that all is well."""
    return {"status": "ok"}
