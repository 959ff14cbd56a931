using GrainSensors.Core.Alerts;
using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Alerts;

/// <summary>The rules of all monitors.</summary>
/// <param name="Usual">The rules of sensors without rules of their own.</param>
/// <param name="StartupGrace">The time that a registered sensor may take to report for the first time.</param>
public sealed record MonitorRules(AlertRules Usual, TimeSpan StartupGrace)
{
    public static readonly TimeSpan DefaultStartupGrace = TimeSpan.FromMinutes(1);

    /// <summary>The period of the windows that rules compare.</summary>
    public Period Period { get; init; }

    /// <summary>How long after their end they are final.</summary>
    public TimeSpan Grace { get; init; }
}
