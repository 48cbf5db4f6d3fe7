"""HTTP routes."""

from chatapp import views
from django.urls import path

urlpatterns = [path("rooms/<str:room>/messages/", views.messages)]
