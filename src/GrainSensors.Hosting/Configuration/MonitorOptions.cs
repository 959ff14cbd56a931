using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Monitor</c>: how sensors are watched, and who is told.</summary>
internal sealed class MonitorOptions
{
    /// <summary>False: nobody watches.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>A sensor without a reading for longer is disconnected.</summary>
    public TimeSpan Timeout { get; set; } = EpochTime.ToTimeSpan(SilenceRule.DefaultTimeout);

    /// <summary>A sensor that is disconnected again within this after it was heard of reopens the alert.</summary>
    public TimeSpan CoolDown { get; set; } = EpochTime.ToTimeSpan(SilenceRule.DefaultCoolDown);

    /// <summary>How long a sensor that is registered and was never heard of is waited for.</summary>
    public TimeSpan StartupGrace { get; set; } = MonitorRules.DefaultStartupGrace;

    /// <summary>How long alerts are kept after they cleared; <c>-00:00:00.001</c>: for ever.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>By the name of the measurement, the parts of its rule that are not the usual ones; see the README.</summary>
    public Dictionary<string, Dictionary<string, string>> Rules { get; } = [];

    public WebhookOptions Webhook { get; } = new();
}

/// <summary>Whom to tell of alerts.</summary>
internal sealed class WebhookOptions
{
    /// <summary>Where Alertmanager's v2 API takes alerts, such as <c>http://alertmanager:9093/api/v2/alerts</c>; null: nobody is told.</summary>
    public string? Url { get; set; }

    /// <summary>The value of the header <c>Authorization</c>; null: none.</summary>
    [Redact]
    public string? Authorization { get; set; }

    /// <summary>Open alerts are sent again after so long, or the receiver takes them for resolved.</summary>
    public TimeSpan RepeatInterval { get; set; } = TimeSpan.FromMinutes(1);
}
