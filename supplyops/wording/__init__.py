"""The words of every border: labels of codes, sentences of errors. Chinese is the source."""
