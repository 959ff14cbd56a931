using System.Net;
using System.Net.Sockets;
using GrainSensors.Contacts.Kinds;
using GrainSensors.Contacts.Messages;
using GrainSensors.Contacts.Points;

namespace GrainSensors.Contacts.Tests.Kinds;

/// <summary>The kind <c>mqtt</c> against Debian's broker.</summary>
public sealed class MqttContactTests : IDisposable
{
    private const string Host = "127.0.0.1";

    private readonly TestAuthority _authority = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("5")]
    [InlineData("3.1.1")]
    public async Task A_notice_is_published_to_the_topic_of_its_sensor(string protocol)
    {
        await using var broker = await Mosquitto.StartAsync();
        var notice = Notices.Raised with { SensorId = "a/b+#$ \u00e9" };
        await SendAsync(broker, notice, ("topic", "alerts/{city}/{sensor_id}"), ("retain", "true"), ("protocol", protocol));

        Assert.Equal($"{notice.ToJson(Notices.Key)}\n", await broker.RetainedAsync("alerts/Valencia/a%2Fb%2B%23%24 \u00e9"));
    }

    [Fact]
    public async Task A_message_is_retained_only_if_that_is_wanted_and_has_quality_of_service_1()
    {
        await using var broker = await Mosquitto.StartAsync("allow_anonymous true\nlog_type all");
        await SendAsync(broker, Notices.Raised, ("topic", "alerts"));

        Assert.Equal("", await broker.RetainedAsync("alerts"));
        Assert.Contains("(d0, q1, r0, m1, 'alerts'", broker.Log(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_that_the_alerts_of_a_message_do_not_share_are_an_underscore()
    {
        await using var broker = await Mosquitto.StartAsync();
        var (one, other) = (Notices.Raised.ToItem(), Notices.Raised.ToItem() with { SensorId = "8" });
        var group = Notices.Raised with { City = null, Alerts = [one, other], OpenAlerts = 2, ClearedAlerts = 0, GroupId = Notices.Key };
        await SendAsync(broker, group, ("topic", "{sensor_id}/{city}/{event}/{alert_id}"), ("retain", "true"));

        Assert.NotEqual("", await broker.RetainedAsync($"_/_/raised/{Notices.Key}"));
    }

    [Fact]
    public async Task A_user_has_a_password_and_a_topic_that_the_broker_forbids_is_a_failure()
    {
        using var folder = new TemporaryDirectory();
        await Mosquitto.WritePasswordAsync(folder.File("users"), "ana", "topsecret");
        await File.WriteAllTextAsync(folder.File("acl"), "user ana\ntopic readwrite alerts\n", Stop);
        await using var broker = await Mosquitto.StartAsync(
            $"allow_anonymous false\npassword_file {folder.File("users")}\nacl_file {folder.File("acl")}");
        await SendAsync(broker, Notices.Raised, ("topic", "alerts"), ("user", "ana"), ("password", "topsecret"));

        var forbidden = await Assert.ThrowsAsync<DeliveryException>(
            () => SendAsync(broker, Notices.Raised, ("topic", "other"), ("user", "ana"), ("password", "topsecret")));
        Assert.Equal(("The MQTT broker refuses the message: NotAuthorized.", false), (forbidden.Message, forbidden.IsPermanent));
        var wrong = await Assert.ThrowsAsync<DeliveryException>(
            () => SendAsync(broker, Notices.Raised, ("topic", "alerts"), ("user", "ana"), ("password", "wrong-secret")));
        Assert.Contains("NotAuthorized", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_TLS_a_certificate_of_an_unknown_authority_is_refused()
    {
        var (certificate, key) = _authority.IssueFiles("localhost");
        await using var broker = await Mosquitto.StartAsync($"allow_anonymous true\ncertfile {certificate}\nkeyfile {key}");
        var values = Values(("url", $"mqtts://localhost:{broker.Port}"), ("topic", "alerts"));

        await new MqttContact(_ => true).SendAsync(values, new(Notices.Key, Notices.Raised), Stop);
        var failure = await Assert.ThrowsAsync<DeliveryException>(
            () => new MqttContact().SendAsync(values, new(Notices.Key, Notices.Raised), Stop));
        Assert.False(failure.IsPermanent);
        Assert.Contains("certificate", failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("mqtt://169.254.169.254:1883")]
    [InlineData("mqtts://[fe80::1]:8883")]
    [InlineData("mqtt://[::ffff:169.254.169.254]")]
    public async Task A_target_with_a_link_local_or_metadata_address_is_refused(string url)
    {
        var failure = await Assert.ThrowsAsync<DeliveryException>(
            () => new MqttContact().SendAsync(Values(("url", url), ("topic", "alerts")), new(Notices.Key, Notices.Raised), Stop));
        Assert.True(failure.IsPermanent);
        Assert.Contains("such targets are refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_is_away_is_tried_again()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var failure = await Assert.ThrowsAsync<DeliveryException>(() => new MqttContact().SendAsync(
            Values(("url", $"mqtt://{Host}:{port}"), ("topic", "alerts")), new(Notices.Key, Notices.Raised), Stop));
        Assert.False(failure.IsPermanent);
        Assert.StartsWith("The MQTT broker cannot be used: ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mqtt://broker", "alerts/{sensor_id}", true)]
    [InlineData("mqtts://broker:8883/", "a", true)]
    [InlineData("http://broker", "a", false)]
    [InlineData("mqtt://ana:secret@broker", "a", false)]
    [InlineData("mqtt://broker/path", "a", false)]
    [InlineData("mqtt://", "a", false)]
    [InlineData("mqtt://broker", "alerts/{sensor}", false)]
    [InlineData("mqtt://broker", "alerts/#", false)]
    [InlineData("mqtt://broker", "alerts/+", false)]
    [InlineData("mqtt://broker", "$SYS/alerts", false)]
    [InlineData("mqtt://broker", "alerts/{sensor_id", false)]
    public void Address_and_topic_are_checked(string url, string topic, bool isValid)
    {
        var rules = new ContactRules([new MqttContact()]);
        Assert.Equal(isValid, !rules.Check(new("ops", "mqtt", true, Values(("url", url), ("topic", topic)))).Any());
    }

    private static Task SendAsync(Mosquitto broker, Notice notice, params (string Name, string Value)[] values) =>
        new MqttContact().SendAsync(Values([("url", $"mqtt://{Host}:{broker.Port}"), .. values]), new(Notices.Key, notice), Stop);

    private static ContactValues Values(params (string Name, string Value)[] values) => new(
        values.Where(value => value.Name != "password").ToDictionary(value => value.Name, value => value.Value),
        values.Where(value => value.Name == "password").ToDictionary(value => value.Name, value => value.Value));
}
