namespace GrainSensors.Storage.Names;

/// <summary>The table <c>sensor_names</c>. Each call is one statement: it sees what is committed, and returns when it is.</summary>
internal interface ISensorNameTable
{
    /// <summary>Adds each name, unless the name has a number or the number a name.</summary>
    Task AddAsync(IReadOnlyList<(string Name, int Number)> offers);

    /// <returns>The number of names.</returns>
    Task<long> CountAsync();

    /// <returns>Those of the names that have numbers.</returns>
    Task<NumberedNames> FindAsync(IReadOnlyList<string> names);

    /// <returns>Those of the numbers that have names.</returns>
    Task<NumberedNames> FindAsync(IReadOnlyList<int> numbers);
}

/// <param name="Life">The life of the store in which the statement found them.</param>
internal sealed record NumberedNames(Guid Life, IReadOnlyList<(string Name, int Number)> All);
