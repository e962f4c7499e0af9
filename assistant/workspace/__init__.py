"""What a front end that stays open works with: an open library, and a model beside it.
Here stand the papers and conversations (`collection`), and the answers over them (`workspace`).
Nothing is printed or drawn, and no way of an answer is decided: that belongs to `answers`.
"""
