namespace GrainSensors.Replay;

/// <summary>What <c>replay</c> was asked to do.</summary>
/// <param name="KeepsWindows">Into the configured store; else into a temporary one.</param>
/// <param name="Output">Where to write the windows as CSV; null: nowhere.</param>
/// <param name="Alerts">Watch the sensors, and write the alerts as CSV into this file; null: nobody watches.</param>
/// <param name="Json">Print the summary as JSON.</param>
internal sealed record ReplayRequest(string File, ReplaySpeed Speed, bool ProduceOnly, bool KeepsWindows, string? Output, string? Alerts, bool Json);
