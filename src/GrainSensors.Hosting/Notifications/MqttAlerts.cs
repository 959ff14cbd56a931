using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Mqtt.Connections;
using GrainSensors.Mqtt.Publishing;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Hosting.Notifications;

/// <summary>
/// Tells an MQTT broker of alerts: a retained message for each sensor, with the alerts that are open now. So the last message of a sensor
/// is right, whatever came twice or was lost before.
/// </summary>
internal sealed class MqttAlerts(MqttBrokerOptions broker, IAlertStore alerts) : IAlertReceiver, IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly MqttPublisher _publisher = new(broker);
    private readonly HashSet<int> _introduced = [];
    private int _connection;

    /// <remarks>From the name of the broker, and never 0.</remarks>
    public long Key { get; } = BinaryPrimitives.ReadInt64LittleEndian(Hash(broker.Name)) | 1;

    public string Description => $"the MQTT broker {broker.Description}";

    /// <remarks>A state has all alerts of a sensor, so the broker may know one that was not sent to it as open.</remarks>
    public bool TakesEachClearing => true;

    /// <summary>A broker may lose what it retains.</summary>
    public TimeSpan RepeatInterval { get; } = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public async Task SendAsync(IReadOnlyCollection<Alert> changed, CancellationToken cancellationToken)
    {
        var sensors = changed.Where(alert => alert.Group is null).Select(alert => alert.Sensor).DistinctBy(sensor => sensor.Id).ToList();
        var open = (await OpenAsync([.. sensors.Select(sensor => sensor.Id)], cancellationToken)).ToLookup(alert => alert.SensorId);
        try
        {
            await _publisher.ConnectAsync(cancellationToken);
            if (_connection != _publisher.Connections)
            {
                _connection = _publisher.Connections;
                _introduced.Clear();
            }

            await _publisher.PublishAsync(
                [.. sensors.Select(sensor => (TopicOf(sensor), Bytes(State.Of(sensor, open[sensor.Id]))))], cancellationToken);
            if (broker.Alerts.HomeAssistant)
            {
                var introduced = sensors.Where(sensor => !_introduced.Contains(sensor.Id)).ToList();
                await _publisher.PublishAsync([.. introduced.Select(Introduction)], cancellationToken);
                _introduced.UnionWith(introduced.Select(sensor => sensor.Id));
            }
        }
        catch (MqttBridgeException e)
        {
            throw new AlertDeliveryException(e.Message, e);
        }
    }

    public ValueTask DisposeAsync() => _publisher.DisposeAsync();

    /// <returns>The open alerts of sensors that are not silenced.</returns>
    private async Task<List<Alert>> OpenAsync(IReadOnlyList<int> sensors, CancellationToken cancellationToken)
    {
        var query = new AlertQuery
        {
            SensorIds = sensors,
            Statuses = [AlertStatus.Raised, AlertStatus.Acknowledged],
            Limit = AlertQuery.MaxLimit,
        };
        var open = new List<Alert>();
        await foreach (var page in alerts.ReadPagesAsync(query, cancellationToken))
        {
            open.AddRange(page.Where(alert => alert.SilencedUntil is null));
        }

        return open;
    }

    private string TopicOf(SensorRef sensor) =>
        broker.Alerts.Topic!.Replace(MqttAlertOptions.Sensor, MqttTopicLevel.Of($"{sensor}"), StringComparison.Ordinal);

    /// <returns>Home Assistant's discovery message. Ids there have ASCII letters and digits only.</returns>
    private (string Topic, byte[] Payload) Introduction(SensorRef sensor)
    {
        var id = sensor.Name is { } name
            ? $"grainsensors_name_{Convert.ToHexStringLower(Hash(name).AsSpan(0, 16))}"
            : $"grainsensors_{sensor}";
        var topic = TopicOf(sensor);
        var device = new { Identifiers = new[] { id }, Name = $"Sensor {sensor}" };
        var entity = new
        {
            Name = "Alert",
            UniqueId = $"{id}_alert",
            DeviceClass = "problem",
            StateTopic = topic,
            ValueTemplate = "{{ value_json.state }}",
            PayloadOn = State.Alerting,
            PayloadOff = State.Ok,
            JsonAttributesTopic = topic,
            Device = device,
            Origin = new { Name = "GrainSensors" },
        };
        return ($"{broker.Alerts.HomeAssistantPrefix}/binary_sensor/{id}/alert/config", Bytes(entity));
    }

    private static byte[] Bytes<T>(T message) => JsonSerializer.SerializeToUtf8Bytes(message, Json);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private sealed record State(SensorRef SensorId, [property: JsonPropertyName("state")] string Name, IReadOnlyList<Open> Alerts)
    {
        public const string Alerting = "alert";
        public const string Ok = "ok";

        public static State Of(SensorRef sensor, IEnumerable<Alert> open)
        {
            var alerts = open.OrderBy(alert => alert.RaisedAt).ThenBy(alert => alert.Id).Select(Open.Of).ToList();
            return new(sensor, alerts.Count == 0 ? Ok : Alerting, alerts);
        }
    }

    private sealed record Open(
        Guid AlertId, string Kind, string? Measurement, string Level, string Message, double? Value, DateTime RaisedAt,
        string? AcknowledgedBy, string Rule)
    {
        public static Open Of(Alert alert) => new(
            alert.Id,
            alert.Kind.Name(),
            alert.Measurement.Length == 0 ? null : alert.Measurement,
            alert.Level.Name(),
            alert.Message,
            double.IsFinite(alert.Value) ? alert.Value : null,
            EpochTime.ToDateTime(alert.RaisedAt),
            alert.AcknowledgedBy,
            alert.Rule);
    }
}
