"""Procedural renderer of metal parts under an inspection camera, with exact defect boxes."""

from .frame import CLASS_NAMES, FRAME_HEIGHT_PX, FRAME_WIDTH_PX, Frame, render_frame

__all__ = ["CLASS_NAMES", "FRAME_HEIGHT_PX", "FRAME_WIDTH_PX", "Frame", "render_frame"]
