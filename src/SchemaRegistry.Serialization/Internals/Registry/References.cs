using Confluent.SchemaRegistry;

namespace SchemaRegistry.Serialization.Internals.Registry;

/// <summary>Gets the schemas that a schema refers to, and those that they refer to.</summary>
internal sealed class References(RegistryRequests registry, string? format = null)
{
    /// <summary>Maximum number of schemas behind one.</summary>
    public const int MaxCount = 200;

    /// <summary>Maximum length of a schema in characters.</summary>
    public const int MaxLength = 1 << 20;

    /// <param name="id">The id of the schema, for errors.</param>
    /// <returns>The schemas by the names that their references give them. A schema follows those that it refers to.</returns>
    /// <exception cref="SchemaFormatException">There are too many, they are too long, or they refer to each other in a circle.</exception>
    public async Task<IReadOnlyList<(string Name, Schema Schema)>> LoadAsync(int id, Schema schema)
    {
        var found = new List<(string, Schema)>();
        await LoadAsync(id, schema, found, [], []).ConfigureAwait(false);
        return found;
    }

    private async Task LoadAsync(int id, Schema schema, List<(string, Schema)> found, HashSet<string> known, HashSet<string> open)
    {
        CheckLength(id, schema);
        foreach (var reference in schema.References ?? [])
        {
            if (open.Contains(reference.Name))
            {
                throw Invalid(id, $"refers to \"{reference.Name}\" in a circle");
            }

            if (!known.Add(reference.Name))
            {
                continue;
            }

            if (known.Count > MaxCount)
            {
                throw Invalid(id, $"refers to more than {MaxCount} schemas");
            }

            open.Add(reference.Name);
            var version = await registry.GetAsync(reference.Subject, reference.Version).ConfigureAwait(false);
            var referenced = format is null ? version.Schema : await registry.GetAsync(version.Id, format).ConfigureAwait(false);
            await LoadAsync(id, referenced, found, known, open).ConfigureAwait(false);
            open.Remove(reference.Name);
            found.Add((reference.Name, referenced));
        }
    }

    private static void CheckLength(int id, Schema schema)
    {
        if (schema.SchemaString.Length > MaxLength)
        {
            throw Invalid(id, $"has {schema.SchemaString.Length} characters; the maximum is {MaxLength}");
        }
    }

    private static SchemaFormatException Invalid(int id, string reason) =>
        new($"The schema with the id {id} {reason}.") { SchemaId = id };
}
