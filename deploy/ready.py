"""Ends well if the node in this container may be sent people; the image has no curl."""

import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=2)
try:
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
except OSError as error:
    sys.exit(f"No answer: {error}")
print(answer.read().decode())
sys.exit(answer.status != http.HTTPStatus.OK)
