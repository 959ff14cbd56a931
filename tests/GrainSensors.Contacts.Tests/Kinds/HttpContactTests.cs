using System.Text.Json.Nodes;
using GrainSensors.Contacts.Kinds;
using GrainSensors.Contacts.Messages;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Contacts.Tests.Kinds;

/// <summary>Each kind against a receiver that keeps what it gets.</summary>
public sealed class HttpContactTests : IAsyncLifetime
{
    private const string Facts =
        """
        "Sensor":"7","Name":"Boiler <2>","City":"Valencia","Station":"Viveros","Tags":"floor=2, room=kitchen",
        "Raised":"2026-11-24 10:00:00 UTC"
        """;

    private const string Plain =
        "Sensor: 7\\nName: Boiler <2>\\nCity: Valencia\\nStation: Viveros\\nTags: floor=2, room=kitchen\\nRaised: 2026-11-24 10:00:00 UTC";

    private const string Title = "ERROR: Sensor 7: disconnected (Valencia, Viveros)";
    private const string Link = "https://sensors.example.org/sensors/7";
    private const string Acknowledge = "https://sensors.example.org/acknowledge?token=abc-_123";
    private const string Id = "b5f83e4c-10bd-8cc3-b436-2d357f460298";

    private readonly FakeTimeProvider _clock = new(new(2026, 11, 24, 10, 0, 0, TimeSpan.Zero));
    private readonly ContactHttp _http = new();
    private Receiver? _receiver;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Receiver Receiver => _receiver!;

    public async ValueTask InitializeAsync() => _receiver = await Receiver.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Receiver.DisposeAsync();
    }

    public static TheoryData<string, string, string, string> Formats => new()
    {
        {
            "slack", "/", "",
            """
            {"text":"TITLE","blocks":[
              {"type":"header","text":{"type":"plain_text","text":"TITLE"}},
              {"type":"section","fields":[
                {"type":"mrkdwn","text":"*Sensor*\n7"},{"type":"mrkdwn","text":"*Name*\nBoiler &lt;2&gt;"},
                {"type":"mrkdwn","text":"*City*\nValencia"},{"type":"mrkdwn","text":"*Station*\nViveros"},
                {"type":"mrkdwn","text":"*Tags*\nfloor=2, room=kitchen"},{"type":"mrkdwn","text":"*Raised*\n2026-11-24 10:00:00 UTC"}]},
              {"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Open sensor"},"url":"LINK"},
                {"type":"button","text":{"type":"plain_text","text":"Acknowledge"},"url":"ACK"}]}]}
            """
        },
        {
            "teams", "/", "",
            """
            {"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{
              "$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4","body":[
                {"type":"TextBlock","text":"TITLE","weight":"Bolder","size":"Medium","color":"Attention","wrap":true},
                {"type":"FactSet","facts":[{"title":"Sensor","value":"7"},{"title":"Name","value":"Boiler <2>"},
                  {"title":"City","value":"Valencia"},{"title":"Station","value":"Viveros"},
                  {"title":"Tags","value":"floor=2, room=kitchen"},{"title":"Raised","value":"2026-11-24 10:00:00 UTC"}]}],
              "actions":[{"type":"Action.OpenUrl","title":"Open sensor","url":"LINK"},
                {"type":"Action.OpenUrl","title":"Acknowledge","url":"ACK"}]}}]}
            """
        },
        {
            "discord", "/", "",
            """
            {"embeds":[{"title":"TITLE","url":"LINK","color":14687834,"timestamp":"2026-11-24T10:00:00.0000000Z","fields":[
              {"name":"Sensor","value":"7","inline":true},{"name":"Name","value":"Boiler <2>","inline":true},
              {"name":"City","value":"Valencia","inline":true},{"name":"Station","value":"Viveros","inline":true},
              {"name":"Tags","value":"floor=2, room=kitchen","inline":true},
              {"name":"Raised","value":"2026-11-24 10:00:00 UTC","inline":true},
              {"name":"Acknowledge","value":"[Acknowledge](ACK)","inline":true}]}],"allowed_mentions":{"parse":[]}}
            """
        },
        {
            "pagerduty", "/", "",
            """
            {"routing_key":"topsecret-key","event_action":"trigger","dedup_key":"ALERT","client":"GrainSensors","client_url":"LINK",
             "links":[{"href":"LINK","text":"Open sensor"},{"href":"ACK","text":"Acknowledge"}],
             "payload":{"summary":"TITLE","source":"sensor 7","severity":"critical",
             "timestamp":"2026-11-24T10:00:00.0000000Z","group":"Viveros","class":"disconnected","custom_details":{FACTS}}}
            """
        },
        {
            "opsgenie", "/v2/alerts", "GenieKey topsecret-key",
            """
            {"message":"TITLE","alias":"ALERT",
             "description":"TITLE\nPLAIN\nLINK\nAcknowledge: ACK",
             "priority":"P1","source":"GrainSensors","entity":"sensor 7","tags":["disconnected"],"details":{FACTS,"Acknowledge":"ACK"}}
            """
        },
        {
            "ntfy", "/", "Bearer topsecret-key",
            """
            {"topic":"sensors","title":"TITLE",
             "message":"PLAIN",
             "tags":["rotating_light"],"priority":5,"click":"LINK","actions":[{"action":"view","label":"Acknowledge","url":"ACK"}]}
            """
        },
        {
            "webhook", "/", "topsecret-key",
            """
            {"idempotency_key":"0193a5c2-7c1e-8a40-9d53-3f6d2a9b5e10","event":"raised","alert_id":"ALERT","occurrence":1,"sensor_id":"7",
             "display_name":"Boiler <2>","city":"Valencia","station":"Viveros","tags":{"floor":"2","room":"kitchen"},"kind":"disconnected",
             "level":"ERROR","message":"Sensor 7: disconnected","raised_at":"2026-11-24T10:00:00Z","url":"LINK",
             "acknowledge_url":"ACK"}
            """
        },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_raised_alert_is_posted_in_the_format_of_the_service(string kind, string path, string authorization, string expected)
    {
        expected = expected.Replace("TITLE", Title, StringComparison.Ordinal).Replace("LINK", Link, StringComparison.Ordinal)
            .Replace("ALERT", Id, StringComparison.Ordinal).Replace("FACTS", Facts, StringComparison.Ordinal)
            .Replace("ACK", Acknowledge, StringComparison.Ordinal).Replace("PLAIN", Plain, StringComparison.Ordinal);
        await SendAsync(kind, Notices.Raised);

        var taken = Assert.Single(Receiver.Requests);
        Assert.Equal(path, taken.Path);
        Assert.Equal(authorization, taken.Headers.GetValueOrDefault("Authorization", ""));
        Assert.Equal($"{Notices.Key}", taken.Key);
        Assert.StartsWith("application/json", taken.Headers["Content-Type"], StringComparison.Ordinal);
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(taken.Body)),
            $"expected {expected}{Environment.NewLine}got {taken.Body}");
    }

    [Theory]
    [InlineData("slack", "/", "CLEARED: Sensor 7: connected again")]
    [InlineData("teams", "/", "\"color\":\"Good\"")]
    [InlineData("discord", "/", "\"color\":3061373")]
    [InlineData("pagerduty", "/", $$"""{"routing_key":"topsecret-key","event_action":"resolve","dedup_key":"{{Id}}"}""")]
    [InlineData(
        "opsgenie", $"/v2/alerts/{Id}/close?identifierType=alias", """{"source":"GrainSensors","note":"Sensor 7: connected again"}""")]
    [InlineData("ntfy", "/", "white_check_mark")]
    [InlineData("webhook", "/", "\"event\":\"cleared\"")]
    public async Task A_cleared_alert_is_resolved(string kind, string path, string expected)
    {
        await SendAsync(kind, Notices.Cleared);

        var taken = Assert.Single(Receiver.Requests);
        Assert.Equal(path, taken.Path);
        Assert.Contains(expected, taken.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("acknowledge", taken.Body, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("slack", "*Group*\\ngateway=gw-7")]
    [InlineData("teams", "gateway=gw-7")]
    [InlineData("discord", "\"name\":\"Group\",\"value\":\"gateway=gw-7\"")]
    [InlineData("pagerduty", "\"source\":\"gateway=gw-7\"")]
    [InlineData("opsgenie", "\"entity\":\"gateway=gw-7\"")]
    [InlineData("ntfy", "Group: gateway=gw-7")]
    [InlineData("webhook", "\"sensor_group\":{\"gateway\":\"gw-7\"}")]
    public async Task An_alert_about_a_group_of_sensors_names_the_group_and_no_sensor(string kind, string expected)
    {
        await SendAsync(kind, Notices.Raised with
        {
            SensorId = null,
            SensorGroup = new Dictionary<string, string> { ["gateway"] = "gw-7" },
            Message = "gateway=gw-7: 8 of 8 in alarm",
            Value = 8,
            Expected = 8,
        });

        var taken = Assert.Single(Receiver.Requests);
        Assert.Contains(expected, taken.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("\"Sensor\"", taken.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("sensor_id", taken.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_Alertmanager_gets_an_alert_with_its_labels_and_an_end_that_is_far_away_until_it_clears()
    {
        var labels = new Dictionary<string, string> { ["alertname"] = "SensorDisconnected", ["sensor_id"] = "7", ["gate.way"] = "a" };
        var notice = Notices.Raised with { AlertLabels = labels, Runbook = "https://wiki/7" };
        await SendAsync("alertmanager", notice);
        await SendAsync("alertmanager", Notices.Cleared with { AlertLabels = labels });

        Assert.All(Receiver.Requests, taken => Assert.Equal("/api/v2/alerts", taken.Path));
        var raised = Only(Receiver.Requests.First().Body);
        Assert.Equal(
            """{"alertname":"SensorDisconnected","sensor_id":"7","gate_way":"a","job":"grainsensors"}""", raised["labels"]!.ToJsonString());
        Assert.Equal(
            ("Sensor 7: disconnected", "https://wiki/7", Id, Acknowledge),
            (TextOf(raised, "summary"), TextOf(raised, "runbook_url"), TextOf(raised, "alert_id"), TextOf(raised, "acknowledge_url")));
        Assert.Equal(
            ("2026-11-24T10:00:00Z", "2027-11-24T10:00:00Z", Link),
            ($"{raised["startsAt"]}", $"{raised["endsAt"]}", $"{raised["generatorURL"]}"));
        var cleared = Only(Receiver.Requests.Last().Body);
        Assert.Equal(raised["labels"]!.ToJsonString(), cleared["labels"]!.ToJsonString());
        Assert.Equal(("2026-11-24T10:05:00Z", null), ($"{cleared["endsAt"]}", TextOf(cleared, "acknowledge_url")));

        static JsonNode Only(string body) => Assert.Single(JsonNode.Parse(body)!.AsArray())!;

        static string? TextOf(JsonNode alert, string annotation) => (string?)alert["annotations"]![annotation];
    }

    [Fact]
    public async Task An_Alertmanager_gets_the_alerts_of_a_group_as_a_list()
    {
        var open = Notices.Raised.ToItem() with { AlertLabels = new Dictionary<string, string> { ["sensor_id"] = "7" } };
        var cleared = Notices.Cleared.ToItem() with { AlertLabels = new Dictionary<string, string> { ["sensor_id"] = "8", ["1st"] = "x" } };
        await SendAsync("alertmanager", Notices.Raised with { Alerts = [open, cleared], OpenAlerts = 1, ClearedAlerts = 1 });

        Assert.Equal(
            ["""{"sensor_id":"7","job":"grainsensors"} 2027-11-24T10:00:00Z""",
                """{"sensor_id":"8","_1st":"x","job":"grainsensors"} 2026-11-24T10:05:00Z"""],
            JsonNode.Parse(Assert.Single(Receiver.Requests).Body)!.AsArray()
                .Select(alert => $"{alert!["labels"]!.ToJsonString()} {alert["endsAt"]}"));
    }

    [Fact]
    public async Task A_webhook_renders_its_template()
    {
        await SendAsync(
            "webhook",
            Notices.Raised,
            (
                "template",
                """
                {"text":{{ title | json }},"room":"{{ tags.room }}","ack":"{{ acknowledge_url }}","at":"{{ raised_at | date: '%H:%M' }}"}
                """),
            ("content_type", "application/vnd.test+json"));

        var taken = Assert.Single(Receiver.Requests);
        Assert.Equal($$"""{"text":"{{Title}}","room":"kitchen","ack":"{{Acknowledge}}","at":"10:00"}""", taken.Body);
        Assert.Equal("application/vnd.test+json; charset=utf-8", taken.Headers["Content-Type"]);
    }

    [Fact]
    public async Task A_link_that_is_too_long_for_a_field_of_Discord_is_left_out()
    {
        await SendAsync("discord", Notices.Raised with { AcknowledgeUrl = $"https://{new string('a', 1024)}" });

        Assert.DoesNotContain("Acknowledge", Assert.Single(Receiver.Requests).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_of_devices_do_not_break_the_format()
    {
        var notice = Notices.Raised with { Message = "Sensor \"@everyone\"\\</b>: disconnected", SensorId = "\"\u2028x" };
        foreach (var kind in new[] { "slack", "teams", "discord", "pagerduty", "opsgenie", "ntfy", "webhook", "alertmanager" })
        {
            await SendAsync(kind, notice);
        }

        Assert.All(Receiver.Requests, taken => Assert.NotNull(JsonNode.Parse(taken.Body)));
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(422, true)]
    [InlineData(401, false)]
    [InlineData(404, false)]
    [InlineData(500, false)]
    [InlineData(503, false)]
    public async Task A_refusal_says_the_status_and_whether_an_attempt_can_help(int status, bool isPermanent)
    {
        Receiver.Answer = async (_, response) =>
        {
            response.StatusCode = status;
            await response.Body.WriteAsync("no_text\nat all"u8.ToArray(), Stop);
        };
        var failure = await Assert.ThrowsAsync<DeliveryException>(() => SendAsync("slack", Notices.Raised));
        Assert.Equal(isPermanent, failure.IsPermanent);
        Assert.Equal($"The receiver answers with status {status}: no_text at all", failure.Message);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("Tue, 24 Nov 2026 10:02:00 GMT", 120)]
    public async Task A_receiver_can_ask_for_a_pause(string header, int seconds)
    {
        Receiver.Answer = (_, response) =>
        {
            (response.StatusCode, response.Headers.RetryAfter) = (429, header);
            return Task.CompletedTask;
        };
        var failure = await Assert.ThrowsAsync<DeliveryException>(() => SendAsync("discord", Notices.Raised));
        Assert.Equal((TimeSpan.FromSeconds(seconds), false), (failure.RetryAfter!.Value, failure.IsPermanent));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        Receiver.Answer = (_, response) =>
        {
            response.Redirect("http://169.254.169.254/latest/meta-data");
            return Task.CompletedTask;
        };
        var failure = await Assert.ThrowsAsync<DeliveryException>(() => SendAsync("webhook", Notices.Raised));
        Assert.Contains("redirects with status 302", failure.Message, StringComparison.Ordinal);
        Assert.Single(Receiver.Requests);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://[fd00:ec2::254]/")]
    public async Task A_target_with_a_link_local_or_metadata_address_is_refused(string url)
    {
        var failure = await Assert.ThrowsAsync<DeliveryException>(() => Kind("webhook").SendAsync(
            new(new Dictionary<string, string> { ["url"] = url }, new Dictionary<string, string>()),
            new(Notices.Key, Notices.Raised),
            Stop));
        Assert.True(failure.IsPermanent);
        Assert.Contains("such targets are refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_is_away_is_tried_again()
    {
        var failure = await Assert.ThrowsAsync<DeliveryException>(() => Kind("webhook").SendAsync(
            new(new Dictionary<string, string> { ["url"] = "http://127.0.0.1:1/" }, new Dictionary<string, string>()),
            new(Notices.Key, Notices.Raised),
            Stop));
        Assert.False(failure.IsPermanent);
    }

    private Task SendAsync(string kind, Notice notice, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>();
        var secrets = new Dictionary<string, string> { ["url"] = $"{Receiver.Url}/" };
        if (kind is "pagerduty" or "opsgenie" or "ntfy" or "webhook")
        {
            secrets[kind switch { "pagerduty" => "routing_key", "opsgenie" => "api_key", "ntfy" => "token", _ => "authorization" }] =
                "topsecret-key";
        }

        if (kind == "ntfy")
        {
            settings["topic"] = "sensors";
        }

        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return Kind(kind).SendAsync(new(settings, secrets), new(Notices.Key, notice), Stop);
    }

    private IContactKind Kind(string name) => ContactKinds.Create(_http, _clock).Single(kind => kind.Name == name);
}
