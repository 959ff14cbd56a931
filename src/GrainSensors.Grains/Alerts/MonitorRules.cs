using GrainSensors.Core.Alerts;

namespace GrainSensors.Grains.Alerts;

/// <summary>By what rules sensors are watched.</summary>
/// <param name="Usual">For sensors that have none of their own.</param>
/// <param name="StartupGrace">How long a sensor that is registered and was never heard of is waited for.</param>
public sealed record MonitorRules(AlertRules Usual, TimeSpan StartupGrace)
{
    public static readonly TimeSpan DefaultStartupGrace = TimeSpan.FromMinutes(1);
}
