"""HTTP routes."""

from django.urls import path

from chatapp import views

urlpatterns = [path("rooms/<str:room>/messages/", views.messages)]
