using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace GrainSensors.Contracts.Tests;

/// <summary>
/// The bytes of every message in this and earlier versions. Each line of wire-samples.txt is <c>name bytes content</c>, the newest
/// of a name last. This version reads all of them and writes the newest ones byte for byte.
/// </summary>
public sealed class WireFormatTests : IDisposable
{
    private const string File = "wire-samples.txt";
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer()
        .AddSingleton(WireSamples.Catalog).BuildServiceProvider();

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    public static TheoryData<string> Names => [.. WireSamples.All.Select(sample => sample.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_versions_before_wrote_is_read_and_what_is_written_they_have_read(string name)
    {
        var sample = WireSamples.All.Single(sample => sample.Name == name);
        var bytes = sample.Write(Serializer);
        var recorded = Recorded().Where(line => line.Name == name).ToList();
        if (Baseline.IsUpdated)
        {
            return;
        }

        Assert.True(recorded.Count > 0, $"{File} has no {name}. {Baseline.HowToUpdate}");
        Assert.All(recorded, line => AssertHolds(JsonNode.Parse(sample.Read(Serializer, line.Bytes)), JsonNode.Parse(line.Content), name));
        Assert.True(
            bytes.AsSpan().SequenceEqual(recorded[^1].Bytes),
            $"{name} is written in another way. {Baseline.HowToUpdate}\n{Convert.ToBase64String(bytes)}");
    }

    [Fact]
    public void Every_message_has_a_sample()
    {
        if (Baseline.IsUpdated)
        {
            Update();
        }

        var sampled = WireSamples.All.Select(sample => sample.Name.Split('#')[0]).ToHashSet();
        Assert.All(
            ContractTests.WireTypes.All.Where(ContractListing.IsMessage).Select(ContractListing.Name),
            name => Assert.True(sampled.Contains(name), $"{nameof(WireSamples)} has no {name}"));
    }

    [Fact]
    public void A_member_that_a_version_does_not_know_is_skipped_and_one_that_is_missing_is_its_default()
    {
        var old = Serializer.Deserialize<Before.Message>(Serializer.SerializeToArray(new After.Message(7, "seven", 7.5)));
        var current = Serializer.Deserialize<After.Message>(Serializer.SerializeToArray(new Before.Message(7, "seven")));

        Assert.Equal(new(7, "seven"), old);
        Assert.Equal(new(7, "seven", 0), current);
    }

    [Fact]
    public void Ids_that_are_swapped_cannot_be_read() =>
        Assert.ThrowsAny<Exception>(
            () => Serializer.Deserialize<SwappedIds.Message>(Serializer.SerializeToArray(new Before.Message(7, "seven"))));

    public void Dispose() => _services.Dispose();

    /// <summary>Compares recorded members only; members that were added since are ignored.</summary>
    private static void AssertHolds(JsonNode? actual, JsonNode? recorded, string where)
    {
        switch (recorded)
        {
            case JsonObject members:
                Assert.All(members, member => AssertHolds(actual![member.Key], member.Value, $"{where}.{member.Key}"));
                break;
            case JsonArray items:
                Assert.Equal(items.Count, actual!.AsArray().Count);
                Assert.All(items.Index(), item => AssertHolds(actual[item.Index], item.Item, $"{where}[{item.Index}]"));
                break;
            default:
                Assert.True(
                    recorded?.ToJsonString() == actual?.ToJsonString(),
                    $"{where} is {actual?.ToJsonString()}, and was {recorded?.ToJsonString()}");
                break;
        }
    }

    private static IEnumerable<(string Name, byte[] Bytes, string Content)> Recorded() => Baseline.Read(File)
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(' ', 3))
        .Select(line => (line[0], Convert.FromBase64String(line[1]), line[2]));

    /// <summary>Adds the changed bytes; older lines stay and remain readable.</summary>
    private void Update()
    {
        var recorded = Recorded().ToList();
        foreach (var sample in WireSamples.All)
        {
            var bytes = sample.Write(Serializer);
            if (recorded.FindLast(line => line.Name == sample.Name).Bytes?.AsSpan().SequenceEqual(bytes) != true)
            {
                recorded.Add((sample.Name, bytes, sample.Text()));
            }
        }

        Baseline.Write(File, string.Concat(recorded.Select(line => $"{line.Name} {Convert.ToBase64String(line.Bytes)} {line.Content}\n")));
    }
}
