using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Sensors;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Contracts.Tests;

/// <summary>
/// During a rolling upgrade both versions call each other. contracts.txt holds the contracts of the wire, and every change of it
/// must be deliberate.
/// </summary>
/// <remarks>
/// Compatible changes:
/// <list type="bullet">
/// <item>a new type, a new method, a new grain, as long as no new silo uses it towards an old one;</item>
/// <item>a new member with an <c>[Id]</c> that its type never had: an old silo skips it, and a new one that gets a message
/// without it sees its default, which therefore has to mean "as before";</item>
/// <item>another name of a type, a method or a member in C#, under the same alias or id.</item>
/// </list>
/// Incompatible changes:
/// <list type="bullet">
/// <item>an <c>[Id]</c> that is given to another member, also long after the first one was removed;</item>
/// <item>another type of a member (whole numbers alone may become wider or narrower, with the same sign);</item>
/// <item>another alias, base type, value of an enum, or class for struct;</item>
/// <item>other parameters of a method: that is a new method, with an alias of its own, beside the old one.</item>
/// </list>
/// Incompatible changes take two releases: the first adds the new contract, the second removes the old one.
/// </remarks>
public sealed class ContractTests
{
    private const string File = "contracts.txt";

    [Fact]
    public void What_crosses_the_wire_is_what_the_baseline_says()
    {
        var current = ContractListing.Of(WireTypes.All);
        Assert.Empty(ContractChanges.WithoutVersion(Baseline.Read(File), current));
        if (Baseline.IsUpdated)
        {
            Baseline.Write(File, current);
            return;
        }

        var changes = ContractChanges.Between(Baseline.Read(File), current);

        Assert.True(changes.Count == 0, $"What silos say to each other has changed:\n{string.Join('\n', changes)}\n{Baseline.HowToUpdate}");
    }

    [Fact]
    public void Everything_has_a_name_that_does_not_follow_the_source()
    {
        var listing = ContractListing.Of(WireTypes.All);

        Assert.DoesNotContain("without an alias", listing, StringComparison.Ordinal);
        Assert.All(
            WireTypes.All.Where(ContractListing.IsMessage),
            type => Assert.True(type.IsDefined(typeof(AliasAttribute), false), $"{type} has no alias"));
    }

    [Fact]
    public void Every_grain_interface_has_a_version() => Assert.DoesNotContain(
        ContractListing.Of(WireTypes.All).Split('\n'),
        line => line.StartsWith("interface ", StringComparison.Ordinal) && line.EndsWith(" version = 0", StringComparison.Ordinal));

    /// <summary>The assemblies whose types cross the wire.</summary>
    internal static class WireTypes
    {
        public static IReadOnlyList<Type> All { get; } =
        [
            .. typeof(IWindowGrain).Assembly.GetTypes(),
            .. typeof(SourceId).Assembly.GetTypes(),
            .. typeof(SensorGrain).Assembly.GetTypes(),
            .. typeof(KafkaOptions).Assembly.GetTypes(),
        ];
    }
}
