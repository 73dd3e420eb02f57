"""One process of addok that answers a file of addresses; run by the Python of addok's own environment.

It imports nothing of the project. ``python addok_worker.py QUESTIONS ANSWERS``: reads JSON lines, writes « pret »
when everything is loaded and warm, waits for one line on its input, answers, writes « fini ».

Each question is asked as the CSV service of addok does (`addok.core.search`, no autocompletion), with the filters
given; ``essais`` lists sets of filters, the next one being tried only when the one before found nothing.
"""

import json
import sys

WARM_UP = 300


def serve(questions_path: str, answers_path: str) -> None:
    """Answer a file."""
    from addok.config import config

    config.load()
    from addok.core import search

    with open(questions_path, encoding="utf-8") as lines:
        questions = [json.loads(line) for line in lines]

    def answer(question: dict) -> dict:
        for names in question["essais"]:
            filters = {name: question[name] for name in names if question.get(name)}
            if len(filters) < len(names):
                continue
            results = search(question["q"], limit=question["limite"], autocomplete=False, **filters)
            if results:
                best = results[0]
                return {
                    "id": question["id"],
                    "type": best.type,
                    "longitude": float(best.lon),
                    "latitude": float(best.lat),
                    "commune": best.citycode,
                    "score": best.score,
                    "libelle": str(best),
                }
        return {"id": question["id"]}

    for question in questions[:WARM_UP]:
        answer(question)
    print("pret", flush=True)
    sys.stdin.readline()
    answers = [answer(question) for question in questions]
    print("fini", flush=True)
    with open(answers_path, "w", encoding="utf-8") as target:
        target.writelines(json.dumps(item) + "\n" for item in answers)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2])
