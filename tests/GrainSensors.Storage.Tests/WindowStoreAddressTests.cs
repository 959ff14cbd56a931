using GrainSensors.Storage.Opening;
using Npgsql;

namespace GrainSensors.Storage.Tests;

public sealed class WindowStoreAddressTests
{
    [Theory]
    [InlineData("sqlite:data/windows.db", "sqlite:data/windows.db")]
    [InlineData("SQLite:/var/lib/w.db", "sqlite:/var/lib/w.db")]
    [InlineData("postgres:Host=db1;Username=me;Password=topsecret;Database=iot", "postgres:db1:5432/iot")]
    [InlineData("postgresql:Host=db1;Port=6432;Username=me", "postgres:db1:6432/me")]
    [InlineData("postgres://me:topsecret@db1:6432/iot?sslmode=verify-full&application_name=x&connect_timeout=3", "postgres:db1:6432/iot")]
    [InlineData("postgresql://db1/iot", "postgres:db1:5432/iot")]
    public async Task An_address_is_shown_without_secrets(string text, string shown)
    {
        var address = WindowStoreAddress.Parse(text);
        Assert.Equal(shown, address.ToString());
        await using var store = address.Open();
        Assert.Equal(shown, store.Description);
        Assert.Equal(!shown.StartsWith('s'), address.IsShared);
    }

    [Fact]
    public void A_uri_sets_the_options_of_the_driver()
    {
        var settings = new NpgsqlConnectionStringBuilder(
            WindowStoreAddress.Parse("postgres://me%40home:top%2Fsecret@db1/iot?sslmode=require&search_path=app").PostgresConnectionString);
        Assert.Equal(("me@home", "top/secret"), (settings.Username, settings.Password));
        Assert.Equal(("iot", "app"), (settings.Database, settings.SearchPath));
        Assert.Equal(SslMode.Require, settings.SslMode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("windows.db")]
    [InlineData("mysql:Host=x")]
    [InlineData("Host=db1;Password=topsecret")]
    [InlineData("me:topsecret@db1")]
    [InlineData("sqlite:")]
    [InlineData("sqlite::memory:")]
    [InlineData("postgres:")]
    [InlineData("postgres:Database=iot")]
    [InlineData("postgres:Host=x;Password=a;topsecret=b")]
    [InlineData("postgres:Host=x;Port=topsecret")]
    [InlineData("postgres://me:topsecret@/iot")]
    [InlineData("postgres://me:topse/cret@db1:x/iot")]
    [InlineData("postgres://db1/iot?colour=topsecret")]
    [InlineData("postgres://db1/iot?sslmode=topsecret")]
    public void An_invalid_address_is_refused_in_one_sentence_with_the_cure(string text)
    {
        var e = Assert.Throws<FormatException>(() => WindowStoreAddress.Parse(text));
        WindowRows.IsOneSentenceWithoutSecrets(e.Message);
        Assert.Null(e.InnerException);
    }
}
