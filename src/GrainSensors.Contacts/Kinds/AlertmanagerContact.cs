using System.Globalization;
using GrainSensors.Contacts.Messages;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Labels;

namespace GrainSensors.Contacts.Kinds;

/// <summary>
/// Alertmanager's v2 API. Alertmanager clears an alert by itself that has no end and is not posted again, so open alerts get an end that is
/// far away, and the message about their clearing the right one.
/// </summary>
internal sealed class AlertmanagerContact(ContactHttp http, TimeProvider clock) : HttpContact(http, clock)
{
    private const string Path = "/api/v2/alerts";
    private const string AcknowledgeUrl = "acknowledge_url";

    /// <summary>No alert is open for longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    private readonly TimeProvider _clock = clock;

    public override string Name => "alertmanager";

    public override int RatePerMinute => 600;

    public override bool KeepsAlerts => true;

    public override IReadOnlyList<ContactField> Fields { get; } =
    [
        ContactField.Url("url", "http://alertmanager:9093") with { IsRequired = true, MayBeSecret = true },
        ContactField.Authorization,
    ];

    protected internal override HttpRequestMessage RequestOf(ContactValues values, Notification notification)
    {
        var notice = notification.Notice;
        var url = values.Get("url").TrimEnd('/');
        var alerts = (notice.Alerts ?? [notice.ToItem()]).Select(alert => Posted(notice, alert)).ToList();
        var request = Post(url.EndsWith(Path, StringComparison.Ordinal) ? url : $"{url}{Path}", alerts);
        Authorize(request, values);
        return request;
    }

    private AlertmanagerAlert Posted(Notice notice, NoticeAlert alert)
    {
        var annotations = new Dictionary<string, string>
        {
            [AlertmanagerAlert.Summary] = alert.Message,
            [AlertmanagerAlert.AlertId] = alert.AlertId.ToString(),
            [AlertmanagerAlert.Occurrences] = alert.Occurrence.ToString(CultureInfo.InvariantCulture),
        };
        if (alert.Runbook is { } runbook)
        {
            annotations[AlertmanagerAlert.RunbookUrl] = runbook;
        }

        if (alert.ClearedAt is null && notice.AcknowledgeUrl is { } acknowledge)
        {
            annotations[AcknowledgeUrl] = acknowledge;
        }

        return new(
            LabelsOf(alert), annotations, TextOf(alert.RaisedAt), TextOf(alert.ClearedAt ?? _clock.GetUtcNow().UtcDateTime + Longest))
        {
            GeneratorUrl = notice.Alerts is null ? notice.Url : null,
        };
    }

    private static Dictionary<string, string> LabelsOf(NoticeAlert alert)
    {
        // A test has no labels of its own.
        var labels = alert.AlertLabels ?? new Dictionary<string, string>
        {
            [AlertLabels.Name] = AlertLabels.NameOf(AlertNames.ParseKind(alert.Kind)),
            [AlertLabels.Sensor] = alert.SensorId ?? "",
        };
        var posted = new Dictionary<string, string>();
        foreach (var (name, value) in labels)
        {
            posted.TryAdd(NameOf(name), value);
        }

        posted.TryAdd(AlertmanagerAlert.JobLabel, AlertmanagerAlert.Job);
        return posted;
    }

    /// <summary>Older versions refuse labels whose names have other characters than letters, digits and underscores.</summary>
    private static string NameOf(string label)
    {
        var name = string.Concat(label.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return char.IsAsciiDigit(name[0]) ? $"_{name}" : name;
    }

    private static string TextOf(DateTime time) => EpochTime.ToIso8601(EpochTime.From(new DateTimeOffset(time)));
}
