"""What the chat stores."""

from django.db import models


class Message(models.Model):
    """One line of a room."""

    room = models.CharField(max_length=50)
    text = models.CharField(max_length=200)
