"""Websocket routes."""

from django.urls import path

from chatapp import consumers

websocket_urlpatterns = [
    path("ws/echo/", consumers.EchoConsumer.as_asgi()),
    path("ws/chat/<str:room>/", consumers.ChatConsumer.as_asgi()),
    path("ws/notify/", consumers.NotifyConsumer.as_asgi()),
]
