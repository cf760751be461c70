"""Worksheets as questions: for Moodle (cloze and GIFT), for players of QTI 3, and as notebooks that check."""
