"""What predictions are asked for and measured with, each as a function that a command and a window can call."""
