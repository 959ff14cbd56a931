namespace GrainSensors.Replay;

/// <summary>The options of <c>replay</c>.</summary>
/// <param name="KeepsWindows">Whether windows go to the configured store; false: to a temporary one.</param>
/// <param name="IsConfirmed">Whether the target needs no confirmation.</param>
/// <param name="Output">CSV file for the windows; null: none.</param>
/// <param name="Alerts">CSV file for the alerts; null: the alert rules are off.</param>
/// <param name="Rules">YAML file of alert rules; null: the built-in ones only.</param>
/// <param name="Json">Whether to print the summary as JSON.</param>
internal sealed record ReplayRequest(
    RecordingFile File,
    ReplaySpeed Speed,
    bool ProduceOnly,
    bool KeepsWindows,
    bool IsConfirmed,
    string? Output,
    string? Alerts,
    string? Rules,
    bool Json);
