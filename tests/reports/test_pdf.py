from reports.pdf import printed

PAGE = '<html lang="en"><title>T</title><p>words <img src="https://pictures.example/x.png" alt="a picture"></p></html>'


def test_a_page_is_printed_without_asking_for_anything() -> None:
    assert printed(PAGE).startswith(b"%PDF-")
