using System.Net;
using System.Net.Sockets;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Ports;

namespace GrainSensors.Hosting.Tests.Ports;

public sealed class PortReservationTests
{
    private const string Key = "Silo:SiloPort";

    [Fact]
    public void A_reserved_port_is_refused_to_others()
    {
        using var first = PortReservation.Take(IPAddress.Loopback, (0, Key));

        var failure = Assert.Throws<UsageException>(() => PortReservation.Take(IPAddress.Loopback, (first[0], Key)));
        Assert.StartsWith($"Port {first[0]} of 127.0.0.1 is in use by another process", failure.Message, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => PortReservation.TakeHttp(new() { Port = first[0] }));
    }

    [Fact]
    public void The_silo_listens_before_the_reservation_ends()
    {
        using var silo = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        int port;
        using (var reservation = PortReservation.Take(IPAddress.Loopback, (0, Key)))
        {
            port = reservation[0];

            // As Orleans does.
            silo.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            silo.Bind(new IPEndPoint(IPAddress.Loopback, port));
            silo.Listen();
        }

        Assert.Throws<UsageException>(() => PortReservation.Take(IPAddress.Loopback, (port, Key)));
        for (var i = 0; i < 20; i++)
        {
            // None of them is lost in what has ended.
            using var client = new TcpClient(AddressFamily.InterNetwork);
            client.Connect(IPAddress.Loopback, port);
            using var accepted = silo.Accept();
            Assert.Equal(client.Client.LocalEndPoint, accepted.RemoteEndPoint);
        }
    }

    [Fact]
    public async Task Silos_that_start_at_once_get_different_ports()
    {
        var reservations = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => PortReservation.TakeFree(2))));
        try
        {
            Assert.Distinct(reservations.SelectMany(reservation => new[] { reservation[0], reservation[1] }));
        }
        finally
        {
            Array.ForEach(reservations, reservation => reservation.Dispose());
        }
    }
}
