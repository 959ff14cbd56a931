using GrainSensors.Ingest.Dispatch;

namespace GrainSensors.Ingest.Closing;

/// <summary>A window that its grain is asked to close.</summary>
/// <param name="Start">The start of the window, µs since the epoch.</param>
internal readonly record struct ClosingWindow(WindowGrainHandle Handle, long Start);
