using GrainSensors.Mqtt.Tests.Fixtures;

namespace GrainSensors.Mqtt.Tests.Bridge;

/// <summary>Brokers and silos end and return while devices send.</summary>
[Trait("Category", "System")]
public sealed class FaultTests : BridgeTest
{
    private const int Rounds = 3;

    /// <summary>
    /// Debian's mosquitto 2.0.11 forgets shared subscriptions when it restarts, and loses what devices send before the silos return: shared
    /// sessions are tested with faults of silos only.
    /// </summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(4, false)]
    public async Task Nothing_that_a_device_has_sent_is_lost_when_broker_and_silos_end_in_turn(int sessions, bool restartsBroker)
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        var options = Broker(mosquitto) with { ReceiveMaximum = 20, Sessions = sessions };
        var silos = new Queue<BridgingSilo>([await StartAsync(options), await StartAsync(options)]);
        await Until.Async(() => silos.Sum(silo => silo.Status.Connected) == sessions, () => Look(silos), Patience);
        using var sending = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var sent = new List<string>();
        var devices = Task.Run(() => SendAsync(mosquitto.Port, sent, sending.Token), Stop);
        for (var round = 0; round < Rounds; round++)
        {
            await MoreAsync(sent);
            if (restartsBroker)
            {
                await mosquitto.StopAsync();
                await mosquitto.StartAsync();
                await MoreAsync(sent);
            }

            // The older silo loses its lease with messages under way; another one starts, and then the older one ends.
            var old = silos.Dequeue();
            old.Cut();
            silos.Enqueue(await StartAsync(options));
            await MoreAsync(sent);
            await old.DisposeAsync();
        }

        await sending.CancelAsync();
        await devices;
        using var log = Log();
        await UntilInKafkaAsync(log, sent, () => $"{Look(silos)}\n{mosquitto.Log()}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{sent.Count} messages, {log.Records.Count} in Kafka");
        foreach (var silo in silos)
        {
            await silo.DisposeAsync();
        }
    }

    private static string Look(IEnumerable<BridgingSilo> silos) => string.Join("\n\n", silos);

    /// <summary>Adds the payloads that the broker has acknowledged.</summary>
    private static async Task SendAsync(int port, List<string> sent, CancellationToken cancellationToken)
    {
        using var device = new Device(port);
        try
        {
            for (var n = 0; ; n++)
            {
                var payload = $"{n}";
                await device.PublishAsync($"sensors/{n % 10}/telemetry", payload, cancellationToken);
                lock (sent)
                {
                    sent.Add(payload);
                }
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Enough.
        }
    }

    private static Task MoreAsync(List<string> sent)
    {
        var wanted = Count() + 500;
        return Until.Async(() => Count() >= wanted, () => $"{Count()} sent", Patience);

        int Count()
        {
            lock (sent)
            {
                return sent.Count;
            }
        }
    }
}
