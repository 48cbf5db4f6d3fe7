"""A FastAPI bank: its lifespan loads the rates and opens the vault."""

from contextlib import asynccontextmanager

from fastapi import FastAPI

from bank import sockets


@asynccontextmanager
async def lifespan(app: FastAPI):
    """Have everything at hand as long as the bank is open."""
    app.state.rates = {"EUR": 1.0, "SEK": 11.2}
    sockets.open_vault()
    yield {"motto": "slow and steady"}
    sockets.close_vault()


app = FastAPI(lifespan=lifespan)
app.include_router(sockets.router, prefix="/bank")
