// Two versions of sample contracts for the tests of the comparer and of the rules.
#pragma warning disable CA1040, CA1515

namespace GrainSensors.Contracts.Tests.Before
{
    [GenerateSerializer]
    internal sealed record Message([property: Id(0)] int Number, [property: Id(1)] string Text);

    [GenerateSerializer]
    internal sealed record Renamed([property: Id(0)] int Number);

    [GenerateSerializer]
    internal enum State
    {
        Open = 0,
        Closed = 1,
    }

    internal interface ICounter : IGrainWithIntegerKey
    {
        [Alias("Add")]
        Task Add(int number);

        [Alias("Reset")]
        Task Reset();
    }
}

namespace GrainSensors.Contracts.Tests.SwappedIds
{
    [GenerateSerializer]
    internal sealed record Message([property: Id(1)] int Number, [property: Id(0)] string Text);
}

namespace GrainSensors.Contracts.Tests.After
{
    [GenerateSerializer]
    internal sealed record Message([property: Id(0)] long Number, [property: Id(1)] string Text, [property: Id(2)] double Added);

    [GenerateSerializer, Alias("GrainSensors.Tests.Renamed")]
    internal sealed record Renamed([property: Id(0)] int Number);

    [GenerateSerializer]
    internal enum State
    {
        Open = 0,
        Closed = 2,
    }

    internal interface ICounter : IGrainWithStringKey
    {
        [Alias("Add")]
        Task Add(long number);
    }
}

namespace GrainSensors.Contracts.Tests.Versioned
{
    [Orleans.CodeGeneration.Version(2)]
    internal interface ICounter : IGrainWithIntegerKey
    {
        [Alias("Add")]
        Task Add(int number);
    }
}
