using System.Collections.Concurrent;
using System.Text.Json;
using GrainSensors.EndToEnd.Tests.Faults;

namespace GrainSensors.EndToEnd.Tests.Monitoring;

/// <summary>Messages about alerts reach their receivers though silos are killed.</summary>
[Trait("Category", "System")]
public sealed class EscalationTests
{
    private const int Sensors = 50;
    private const int Kills = 2;
    private static readonly string[] Contacts = ["ops", "boss", "director"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly ConcurrentQueue<Message> _answered = new();
    private int _requests;

    [Fact]
    public async Task Escalations_that_are_open_when_all_silos_are_killed_reach_everyone_once()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (taken, response) =>
        {
            // Some answers are lost; the sender cannot know that the message has arrived.
            if (Interlocked.Increment(ref _requests) % 7 == 0)
            {
                response.HttpContext.Abort();
            }
            else
            {
                _answered.Enqueue(Message.Of(taken));
            }

            return Task.CompletedTask;
        };
        await using var cluster = await FaultCluster.StartAsync(2, Settings(receiver));
        await ApplyRoutesAsync(cluster);
        await using (var produce = Produce(cluster, "5s"))
        {
            AssertProduced(await produce.ExitAsync());
        }

        await Until.Async(async () => await EscalationsAsync(cluster) == Sensors, () => Seen(cluster, "open escalations"), Patience);
        await cluster.KillAllAsync();
        await cluster.BeginAsync(2);
        await Until.Async(() => Count("boss", "raised") >= Sensors / 5, () => Seen(cluster, "escalations"), Patience);
        await cluster.KillAllAsync();
        await cluster.BeginAsync(2);
        await Until.Async(() => AllHave("raised"), () => Seen(cluster, "messages"), Patience);

        await using var back = Produce(cluster, "300s");
        await Until.Async(() => AllHave("cleared"), () => Seen(cluster, "recoveries"), Patience);
        await back.SignalAsync("INT");
        AssertProduced(await back.ExitAsync());

        // A message that was answered comes again only if its sender was killed before it could note the answer.
        var repeated = _answered.Count - _answered.DistinctBy(message => message.Key).Count();
        Assert.InRange(repeated, 0, Kills * Contacts.Length);
        Assert.Equal(Contacts.Length * 2 * Sensors, _answered.DistinctBy(message => message.Key).Count());
        Assert.Equal(
            Contacts.Length * 2 * Sensors, _answered.DistinctBy(message => (message.Contact, message.Event, message.Sensor)).Count());
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Sensors} escalations, {Kills} kills of all silos: {_answered.Count} messages answered, {repeated} of them again");
    }

    private static Dictionary<string, string> Settings(Receiver receiver)
    {
        var settings = new Dictionary<string, string>(FaultCluster.Quick) { ["Monitor__Timeout"] = "00:00:03" };
        foreach (var (index, contact) in Contacts.Index())
        {
            settings[$"Contacts__{index}__Name"] = contact;
            settings[$"Contacts__{index}__Kind"] = "webhook";
            settings[$"Contacts__{index}__Settings__url"] = $"{receiver.Url}/{contact}";
        }

        return settings;
    }

    private static async Task ApplyRoutesAsync(FaultCluster cluster)
    {
        using var folder = new TemporaryDirectory();
        var file = folder.File("routes.yaml");
        await File.WriteAllTextAsync(
            file,
            """
            contacts: [ops]
            group_by: ["..."]
            group_wait: 1s
            group_interval: 1s
            steps:
              - { after: 15s, contacts: [boss] }
              - { after: 20s, contacts: [director] }
            """,
            TestContext.Current.CancellationToken);
        var applied = await Command.RunAsync(["routes", "apply", file, "--url", cluster.Silos[0].Page!]);
        Assert.True(applied.ExitCode == 0, applied.ToString());
    }

    private static Executable Produce(FaultCluster cluster, string length) => Executable.Start(
        null, "produce", "--kafka", cluster.Kafka.BootstrapServers, "--topic", cluster.Kafka.Options.Topic,
        "--sensors", $"{Sensors}", "--errors", "0%", "--for", length);

    private static void AssertProduced(Executable.Result result) => Assert.True(result.ExitCode == 0, result.ToString());

    private static async Task<long> EscalationsAsync(FaultCluster cluster) =>
        (long)(await cluster.DataSource.SelectAsync("SELECT count(*) FROM alert_groups WHERE step = 0 AND step_at IS NOT NULL"))[0][0]!;

    private bool AllHave(string happened) => Array.TrueForAll(Contacts, contact => Count(contact, happened) == Sensors);

    private int Count(string contact, string happened) => _answered
        .Where(message => message.Contact == contact && message.Event == happened).DistinctBy(message => message.Sensor).Count();

    private string Seen(FaultCluster cluster, string wanted)
    {
        var counts = Contacts.Select(contact => $"{contact} {Count(contact, "raised")} raised, {Count(contact, "cleared")} cleared");
        return $"{wanted}: {string.Join("; ", counts)}\n{cluster}";
    }

    private sealed record Message(string Contact, string Key, string Event, string Sensor)
    {
        public static Message Of(Receiver.Taken taken)
        {
            using var notice = JsonDocument.Parse(taken.Body);
            return new(
                taken.Path.TrimStart('/'), taken.Key!, notice.RootElement.GetProperty("event").GetString()!,
                notice.RootElement.GetProperty("sensor_id").GetString()!);
        }
    }
}
