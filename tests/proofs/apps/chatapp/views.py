"""HTTP views."""

from django.http import JsonResponse

from chatapp.models import Message


def messages(request, room):
    """Return the lines of a room, or add one."""
    if request.method == "POST":
        Message.objects.create(room=room, text=request.POST["text"])
    return JsonResponse(
        {"messages": list(Message.objects.filter(room=room).values_list("text", flat=True))}
    )
