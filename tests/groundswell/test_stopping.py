import signal

import pytest

from groundswell.stopping import Interrupted, Stop, stoppable


def test_nobody_asked_yet() -> None:
    stop = Stop()

    stop.raise_if_asked()

    assert not stop()


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_is_remembered_and_the_second_ends_at_once(number: signal.Signals, exit_code: int) -> None:
    with stoppable() as stop:
        signal.raise_signal(number)

        assert stop()
        with pytest.raises(Interrupted) as at_the_end:
            stop.raise_if_asked()
        with pytest.raises(Interrupted) as at_once:
            signal.raise_signal(number)

    assert (at_the_end.value.exit_code, at_once.value.exit_code) == (exit_code, exit_code)


def test_what_handled_signals_before_handles_them_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    with pytest.raises(ValueError, match="within"), stoppable():
        raise ValueError("within")

    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_one_who_was_stopped_is_told_how_to_go_on() -> None:
    error = Interrupted(signal.SIGINT)

    assert error.message == "stopped; what was fetched is stored"
    assert error.hint == "the same command goes on from here"
