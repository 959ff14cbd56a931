namespace GrainSensors.Core.Alerts;

/// <summary>What a state has of each sensor. When it is read: the current indexes, negative for what is no longer configured.</summary>
/// <param name="Measurements">The watched measurements.</param>
/// <param name="Rules">The rules as data by which a sensor has a watch.</param>
/// <param name="Inputs">The measurements of which rules keep values.</param>
internal sealed record StateColumns(int[] Measurements, RuleKey[] Rules, int[] Inputs);
