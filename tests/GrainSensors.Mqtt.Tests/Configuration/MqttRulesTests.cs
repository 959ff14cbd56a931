using GrainSensors.Mqtt.Configuration;

namespace GrainSensors.Mqtt.Tests.Configuration;

public sealed class MqttRulesTests
{
    private static readonly MqttBrokerOptions Valid = new()
    {
        Host = "broker.example",
        Topics = [new() { Filter = "sensors/+/telemetry" }],
    };

    public static TheoryData<string, Func<MqttBrokerOptions, MqttBrokerOptions>> Faults => new()
    {
        { "Host must be a host name or an address, without a scheme and a port; got \"mqtt://a\".", b => b with { Host = "mqtt://a" } },
        { "Port must be an integer from 1 to 65535; got \"0\".", b => b with { Port = 0 } },
        { "Name must be 1 to 64 letters, digits, dots, dashes or underscores; got \"a b\".", b => b with { Name = "a b" } },
        { "Sessions must be 1 with Protocol 3.1.1, which has no shared subscriptions; got \"2\".", b => b with
            { Protocol = MqttProtocol.V311, Sessions = 2 } },
        { "Sessions must be an integer from 1 to 100; got \"0\".", b => b with { Sessions = 0 } },
        { "ReceiveMaximum must be an integer from 1 to 65535; got \"65536\".", b => b with { ReceiveMaximum = 65_536 } },
        { "SessionExpiry must be a duration from 1m to 4294967295s; got \"30s\".", b => b with
            { SessionExpiry = TimeSpan.FromSeconds(30) } },
        { "Topics is empty; give Topics:0:Filter a topic filter such as sensors/+/telemetry.", b => b with { Topics = [] } },
        { "Topics:0:Filter is empty; give a topic, or a filter such as sensors/+/telemetry.", b => b with { Topics = [new()] } },
        { "Topics:0:Filter must have + for one whole level, and # for all levels at the end only; got \"a/#/b\".", b => b with
            { Topics = [new() { Filter = "a/#/b" }] } },
        { "Topics:0:Filter must be a filter without $share; Sessions and ClientIdPrefix make the shared subscription; got \"$share/g/a\".",
            b => b with { Topics = [new() { Filter = "$share/g/a" }] } },
        { "Topics:1:Filter must be another one than those before; got \"a\".", b => b with
            { Topics = [new() { Filter = "a" }, new() { Filter = "a" }] } },
        { "Topics:0:Qos must be 1 (at least once) or 0 (at most once); got \"2\".", b => b with
            { Topics = [new() { Filter = "a", Qos = 2 }] } },
        { "KafkaTopic must be another topic than those that Kafka or GrainSensors write; got \"log-data\".", b => b with
            { KafkaTopic = "log-data" } },
        { "Alerts:Topic must have {sensor_id} as one whole level; got \"sensors/alert\".", b => b with
            { Alerts = new() { Topic = "sensors/alert" } } },
        { "Alerts:Topic must have {sensor_id} as one whole level; got \"sensors/a-{sensor_id}\".", b => b with
            { Alerts = new() { Topic = "sensors/a-{sensor_id}" } } },
        { "Alerts:Topic must have 1 to 65535 bytes, no + and #, and no $ at its beginning; got \"+/{sensor_id}\".", b => b with
            { Alerts = new() { Topic = "+/{sensor_id}" } } },
        { "Alerts:Topic must be one that no filter takes, or alerts would be read as readings; got \"sensors/{sensor_id}/telemetry\", "
            + "which \"sensors/+/telemetry\" takes.", b => b with { Alerts = new() { Topic = "sensors/{sensor_id}/telemetry" } } },
        { "Alerts:Topic must be one that no filter takes, or alerts would be read as readings; got \"sensors/{sensor_id}\", which "
            + "\"sensors/7/#\" takes.", b => b with
            { Alerts = new() { Topic = "sensors/{sensor_id}" }, Topics = [new() { Filter = "sensors/7/#" }] } },
        { "Alerts:HomeAssistant requires Alerts:Topic; set it to sensors/{sensor_id}/alert, for example.", b => b with
            { Alerts = new() { HomeAssistant = true } } },
        { "Alerts:HomeAssistantPrefix must have 1 to 65535 bytes, no + and #, and no $ at its beginning; got \"\".", b => b with
            { Alerts = new() { Topic = "sensors/{sensor_id}/alert", HomeAssistantPrefix = "" } } },
        { "Alerts:HomeAssistantPrefix must be one that no filter takes; got \"ha\", which \"ha/sensor/#\" takes.", b => b with
            {
                Alerts = new() { Topic = "sensors/{sensor_id}/alert", HomeAssistant = true, HomeAssistantPrefix = "ha" },
                Topics = [new() { Filter = "ha/sensor/#" }],
            } },
        { "Password requires User.", b => b with { Password = "secret" } },
        { "CaFile requires Tls; set Tls to true, or remove CaFile.", b => b with { CaFile = "ca.pem" } },
        { $"CaFile: the file \"{Path.GetFullPath("ca.pem")}\" does not exist.", b => b with { CaFile = "ca.pem", Tls = true } },
        { "KeyFile requires CertificateFile.", b => b with { KeyFile = typeof(MqttRules).Assembly.Location, Tls = true } },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_named_with_its_key_its_rule_its_value_and_the_cure(
        string message, Func<MqttBrokerOptions, MqttBrokerOptions> change) =>
        Assert.Equal([$"Mqtt:Brokers:0:{message}"], Check(change(Valid)));

    [Fact]
    public void Valid_brokers_have_no_faults() => Assert.Empty(Check(Valid, Valid with { Name = "other", Protocol = MqttProtocol.V311 }));

    [Fact]
    public void Brokers_have_different_names() => Assert.Equal(
        ["Mqtt:Brokers:1:Name must be another one than those of the other brokers; got \"MQTT\"."],
        Check(Valid, Valid with { Name = "MQTT" }));

    [Fact]
    public void Sessions_of_two_entries_are_in_one_group_only_at_different_brokers()
    {
        var shared = Valid with { Sessions = 2 };
        Assert.Equal(
            [
                "Mqtt:Brokers:1:ClientIdPrefix must be another one than that of mqtt, which would take a part of the messages; "
                + "got \"grainsensors\".",
            ],
            Check(shared, shared with { Name = "other" }));
        Assert.Empty(Check(shared, shared with { Name = "other", ClientIdPrefix = "other" }));
        Assert.Empty(Check(shared, shared with { Name = "other", Host = "other.example" }));
    }

    [Fact]
    public void Texts_of_a_broker_have_no_secret() =>
        Assert.Equal("mqtt (broker.example:1883)", (Valid with { User = "ana", Password = "secret" }).ToString());

    private static List<string> Check(params MqttBrokerOptions[] brokers) =>
        [.. new MqttRules("Mqtt", ["log-data"]).Check(new() { Brokers = brokers })];
}
