"""A program for `test_workers.py`: says which workers draw two large documents, and draws on when told to stop."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import sys

from adapters.pdf.workers import RenderPool
from fakes.invoices import XML, an_invoice, an_order_of, lines_of


def say(*words: object) -> None:
    sys.stdout.write(f"{' '.join(map(str, words))}\n")
    sys.stdout.flush()


async def main() -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    large = an_invoice(an_order_of(lines_of(2000)))
    async with RenderPool.running(workers=2) as pool:
        drawings = [asyncio.create_task(pool.render(large, None, XML)) for _ in range(2)]
        await asyncio.sleep(0)
        say(*(child.pid for child in multiprocessing.active_children()))
        await told.wait()
    say(*[(await drawing).content[:5].decode() for drawing in drawings])


if __name__ == "__mp_main__":
    say("imported again")

if __name__ == "__main__":
    asyncio.run(main())
