using GrainSensors.Replay;

namespace GrainSensors.Rules;

/// <summary>The options of <c>rules test</c>.</summary>
/// <param name="Rules">YAML file of the rules.</param>
/// <param name="From">Alerts raised from here are printed, µs since the epoch.</param>
/// <param name="To">End of the readings, exclusive, µs since the epoch.</param>
/// <param name="HasStore">Whether the user gave the store whose registry has the tags.</param>
/// <param name="Json">Whether to print the result as JSON.</param>
internal sealed record RuleTestRequest(string Rules, RecordingFile Recording, long From, long To, bool HasStore, bool Json);
