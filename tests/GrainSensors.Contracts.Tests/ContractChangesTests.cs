namespace GrainSensors.Contracts.Tests;

/// <summary>The comparison reports every change that would break an upgrade.</summary>
public sealed class ContractChangesTests
{
    private const string Name = "GrainSensors.Contracts.Tests";

    [Fact]
    public void The_same_types_have_no_changes() => Assert.Empty(Changes([typeof(Before.Message)], [typeof(Before.Message)]));

    [Fact]
    public void Ids_that_were_swapped_are_changes() => Assert.Equal(
        [
            $"changed: type {Name}.Message [00] is System.String Text, and was System.Int32 Number",
            $"changed: type {Name}.Message [01] is System.Int32 Number, and was System.String Text",
        ],
        Changes([typeof(Before.Message)], [typeof(SwappedIds.Message)]));

    [Fact]
    public void Another_type_of_a_member_is_a_change_and_a_new_member_an_addition() => Assert.Equal(
        [
            $"changed: type {Name}.Message [00] is System.Int64 Number, and was System.Int32 Number",
            $"added:   type {Name}.Message [02] is System.Double Added",
        ],
        Changes([typeof(Before.Message)], [typeof(After.Message)]));

    [Fact]
    public void A_member_that_is_gone_is_a_removal() =>
        Assert.Equal(
            [$"removed: type {Name}.Message [02] (it was System.Double Added)"],
            Changes([typeof(After.Message)], [typeof(Before.Message)])[1..]);

    [Fact]
    public void Another_alias_is_another_type() => Assert.Equal(
        ["added:   type GrainSensors.Tests.Renamed is class", "added:   type GrainSensors.Tests.Renamed [00] is System.Int32 Number"],
        Changes([typeof(Before.Renamed)], [typeof(After.Renamed)])[2..]);

    [Fact]
    public void Another_value_of_an_enum_is_a_removal_and_an_addition() => Assert.Equal(
        [$"removed: enum {Name}.State 1 (it was Closed)", $"added:   enum {Name}.State 2 is Closed"],
        Changes([typeof(Before.State)], [typeof(After.State)]));

    [Fact]
    public void Another_key_parameter_or_method_of_a_grain_is_a_change() => Assert.Equal(
        [
            $"changed: interface {Name}.ICounter is Orleans.IGrainWithStringKey, and was Orleans.IGrainWithIntegerKey",
            $"removed: interface {Name}.ICounter Add(System.Int32) (it was System.Threading.Tasks.Task)",
            $"added:   interface {Name}.ICounter Add(System.Int64) is System.Threading.Tasks.Task",
            $"removed: interface {Name}.ICounter Reset() (it was System.Threading.Tasks.Task)",
        ],
        Changes([typeof(Before.ICounter)], [typeof(After.ICounter)]));

    [Fact]
    public void A_grain_interface_that_has_changed_needs_a_higher_version()
    {
        Assert.Equal(
            [$"{Name}.ICounter has changed and needs [Version(1)]"], WithoutVersion(typeof(Before.ICounter), typeof(After.ICounter)));
        Assert.Equal(
            [$"{Name}.ICounter has changed and needs [Version(3)]"], WithoutVersion(typeof(Versioned.ICounter), typeof(Before.ICounter)));
        Assert.Empty(WithoutVersion(typeof(Before.ICounter), typeof(Versioned.ICounter)));
        Assert.Empty(WithoutVersion(typeof(Versioned.ICounter), typeof(Versioned.ICounter)));
    }

    private static IReadOnlyList<string> WithoutVersion(Type before, Type after) =>
        ContractChanges.WithoutVersion(List([before]), List([after]));

    /// <summary>Replaces the namespace of a version by one name.</summary>
    private static string[] Changes(Type[] before, Type[] after) => [.. ContractChanges.Between(List(before), List(after))];

    private static string List(Type[] types) =>
        types.Aggregate(
            ContractListing.Of(types), (listing, type) => listing.Replace($"{type.Namespace}.", $"{Name}.", StringComparison.Ordinal));
}
