using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Labels;

namespace GrainSensors.Grains.Alerts;

/// <summary>The receiver of alerts.</summary>
/// <param name="Url">The URL of Alertmanager's <c>/api/v2/alerts</c>, or of a compatible receiver.</param>
/// <param name="Authorization">The value of the header <c>Authorization</c>; null for no header.</param>
/// <param name="RepeatInterval">The time after which open alerts are sent again.</param>
public sealed record WebhookTarget(Uri Url, string? Authorization, TimeSpan RepeatInterval)
{
    /// <summary>Further headers of each request, by name.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>Posts alerts in the format of Alertmanager's v2 API, which identifies an alert by its labels.</summary>
/// <param name="createClient">Creates the client of one request; the factory behind it pools connections.</param>
public sealed class AlertWebhook(WebhookTarget target, Func<HttpClient> createClient) : IAlertReceiver
{
    public TimeSpan RepeatInterval => target.RepeatInterval;

    public long Key => 0;

    /// <remarks>A receiver would show an alert that it has never seen.</remarks>
    public bool TakesEachClearing => false;

    /// <remarks>The URL may contain a secret.</remarks>
    public string Description => $"the webhook {target.Url.Authority}";

    public async Task SendAsync(IReadOnlyCollection<Alert> alerts, CancellationToken cancellationToken)
    {
        try
        {
            await PostAsync(alerts, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new AlertDeliveryException(e.Message, e);
        }
    }

    /// <exception cref="HttpRequestException">The receiver is unavailable, rejects the request or redirects it.</exception>
    private async Task PostAsync(IReadOnlyCollection<Alert> alerts, CancellationToken cancellationToken)
    {
        using var http = createClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, target.Url) { Content = JsonContent.Create(alerts.Select(Of)) };

        // Without a known length the body is sent in chunks, which many receivers read as an empty body.
        await request.Content.LoadIntoBufferAsync(cancellationToken);
        foreach (var (name, value) in target.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (target.Authorization is { } authorization)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("GrainSensors", null));
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode is >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest)
        {
            // A client that follows a redirect sends a GET without the alerts.
            throw new HttpRequestException(
                $"The receiver redirects with status {(int)response.StatusCode}; set the webhook's URL to the final address.",
                inner: null,
                response.StatusCode);
        }

        response.EnsureSuccessStatusCode();
    }

    private static AlertmanagerAlert Of(Alert alert)
    {
        var labels = new Dictionary<string, string>
        {
            [AlertLabels.Name] = AlertLabels.NameOf(alert.Kind),
            [AlertLabels.Severity] = AlertLabels.SeverityOf(alert.Level),
            [AlertmanagerAlert.JobLabel] = AlertmanagerAlert.Job,
        };
        if (alert.Group is null)
        {
            labels[AlertLabels.Sensor] = alert.Sensor.ToString();
        }

        if (alert.Measurement.Length > 0)
        {
            labels[AlertLabels.Measurement] = alert.Measurement;
        }

        if (!alert.Kind.IsBuiltIn(alert.Rule))
        {
            labels[AlertLabels.Rule] = alert.Rule;
        }

        foreach (var (name, value) in (alert.Group ?? SensorTags.None).Concat(alert.Labels))
        {
            labels.TryAdd(name, value);
        }

        var annotations = new Dictionary<string, string>
        {
            [AlertmanagerAlert.Summary] = alert.Message,
            [AlertmanagerAlert.AlertId] = alert.Id.ToString(),
            [AlertmanagerAlert.Occurrences] = alert.Occurrences.ToString(CultureInfo.InvariantCulture),
        };
        if (alert.AcknowledgedBy is { } by)
        {
            annotations[AlertmanagerAlert.AcknowledgedBy] = by;
        }

        if (alert.Runbook is { } runbook)
        {
            annotations[AlertmanagerAlert.RunbookUrl] = runbook;
        }

        var endsAt = alert.ClearedAt is { } cleared ? EpochTime.ToIso8601(cleared) : null;
        return new(labels, annotations, EpochTime.ToIso8601(alert.RaisedAt), endsAt);
    }
}
